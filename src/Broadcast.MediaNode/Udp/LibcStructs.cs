using System.Runtime.InteropServices;

namespace Broadcast.MediaNode.Udp;

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Base;
    public nuint Length;
}

/// <summary><c>struct mmsghdr</c> on 64-bit Linux; musl's narrower fields have the same bytes on little-endian machines.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
    private readonly uint _tailOfInner;

    /// <summary>Bytes received; <c>msg_len</c> of the outer structure.</summary>
    public uint Length;

    private readonly uint _tailOfOuter;

    /// <summary>sizeof(struct mmsghdr), asserted at start.</summary>
    public const int Size = 64;
}

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short Returned;
}

/// <summary><c>struct timespec</c> with 64-bit fields.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelTimeSpan
{
    public long Seconds;
    public long Nanoseconds;
}
