using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>The message headers of one <c>sendmmsg</c> call, with all they point to.</summary>
/// <remarks>
/// What never changes is written once: control message headers, families, pointers. Per message only addresses,
/// lengths and the segment length are. 64 messages keep the whole structure in the first-level cache, and a call
/// costs little next to 64 sends.
/// </remarks>
internal sealed unsafe class SendSlots
{
    /// <summary>Messages per call.</summary>
    public const int Capacity = 64;

    private const int CmsgHeader = 16;
    private const int SegmentSpace = 24; // CMSG_SPACE(sizeof(ushort))
    private const int ControlStride = 64;

    private readonly bool _ipv6;
    private readonly int _infoSpace; // CMSG_SPACE of in6_pktinfo or in_pktinfo
    private readonly MessageHeader[] _headers = GC.AllocateArray<MessageHeader>(Capacity, pinned: true);
    private readonly IoVector[] _vectors = GC.AllocateArray<IoVector>(Capacity, pinned: true);
    private readonly byte[] _names = GC.AllocateArray<byte>(Capacity * SocketName.MaxLength, pinned: true);
    private readonly byte[] _control = GC.AllocateArray<byte>(Capacity * ControlStride, pinned: true);
    private readonly Slot[] _slots = new Slot[Capacity];

    /// <summary>Prepares the headers for a socket of one family.</summary>
    public SendSlots(bool ipv6)
    {
        _ipv6 = ipv6;
        _infoSpace = ipv6 ? 40 : 32;

        // Safety: all arrays are pinned for life and referenced by this object; index i gets its own part of each.
        for (var i = 0; i < Capacity; i++)
        {
            ref var header = ref _headers[i];
            header.Name = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_names, i * SocketName.MaxLength);
            header.NameLength = ipv6 ? (uint)SocketName.MaxLength : SocketName.IPv4Length;
            header.Vectors = (IoVector*)Marshal.UnsafeAddrOfPinnedArrayElement(_vectors, i);
            header.VectorCount = 1;
            var control = _control.AsSpan(i * ControlStride, ControlStride);
            WriteControlHeader(
                control,
                ipv6 ? 20 : 12,
                ipv6 ? LibcConstants.IpProtoIpv6 : LibcConstants.IpProtoIp,
                ipv6 ? LibcConstants.Ipv6PktInfo : LibcConstants.IpPktInfo);
            WriteControlHeader(control[_infoSpace..], sizeof(ushort), LibcConstants.SolUdp, LibcConstants.UdpSegment);
        }
    }

    /// <summary>What one message carries, for counting and for going back.</summary>
    public struct Slot
    {
        public BatchSender.Cursor From;
        public TransportAddress Remote;
        public int Length;
        public int Segments;
    }

    /// <summary>Messages filled in.</summary>
    public int Count { get; private set; }

    /// <summary>True when the call has to be made now.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>The first header; valid as long as this object lives.</summary>
    public MessageHeader* Headers => (MessageHeader*)Marshal.UnsafeAddrOfPinnedArrayElement(_headers, 0);

    /// <summary>The account of message <paramref name="index"/>.</summary>
    public ref readonly Slot this[int index] => ref _slots[index];

    /// <summary>Begins a new call.</summary>
    public void Clear() => Count = 0;

    /// <summary>Appends a message of one or more datagrams.</summary>
    /// <param name="data">First byte; stays valid until the call has been made.</param>
    /// <param name="run">Gives path and segment length.</param>
    /// <param name="length">Bytes of this message.</param>
    /// <param name="segments">Its datagrams; more than one asks for segmentation.</param>
    /// <param name="from">Where it begins in the batch.</param>
    public void Add(byte* data, in DatagramBatch.Run run, int length, int segments, BatchSender.Cursor from)
    {
        var path = run.Path;
        var remote = path.Remote;
        var index = Count++;
        _slots[index] = new Slot { From = from, Remote = remote, Length = length, Segments = segments };
        _vectors[index] = new IoVector { Base = data, Length = (nuint)length };

        var name = _names.AsSpan(index * SocketName.MaxLength, SocketName.MaxLength);
        if (_ipv6) SocketName.WriteIPv6(name, remote);
        else SocketName.WriteIPv4(name, remote);

        // The control buffer is [local address][segment length]; a message uses both, either, or none.
        var control = _control.AsSpan(index * ControlStride, ControlStride);
        var withLocal = TryWriteLocal(control[CmsgHeader..], path.Local, remote);
        if (segments > 1) MemoryMarshal.Write(control[(_infoSpace + CmsgHeader)..], (ushort)run.SegmentLength);
        var start = withLocal ? 0 : _infoSpace;
        var end = segments > 1 ? _infoSpace + SegmentSpace : _infoSpace;
        ref var header = ref _headers[index];
        header.Control = start == end ? null : (byte*)Unsafe.AsPointer(ref control[start]);
        header.ControlLength = (nuint)(end - start);
    }

    private bool TryWriteLocal(Span<byte> info, in TransportAddress local, in TransportAddress remote)
    {
        if (local.IsNone || local.IsIPv4 != remote.IsIPv4) return false;
        if (_ipv6)
        {
            local.CopyAddressTo(info);
            MemoryMarshal.Write(info[16..], local.ScopeId);
            return true;
        }

        MemoryMarshal.Write(info, 0u); // any interface
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(info[4..], local.IPv4); // ipi_spec_dst
        return true;
    }

    private static void WriteControlHeader(Span<byte> control, int length, int level, int type)
    {
        MemoryMarshal.Write(control, (ulong)(CmsgHeader + length));
        MemoryMarshal.Write(control[8..], level);
        MemoryMarshal.Write(control[12..], type);
    }
}
