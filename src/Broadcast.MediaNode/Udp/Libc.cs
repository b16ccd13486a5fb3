using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Broadcast.MediaNode.Udp;

/// <summary>The system calls of the packet path. All arguments are blittable, so the stubs only save errno.</summary>
/// <remarks>
/// Safety: pointers handed in must stay valid for the call. Every buffer here lives in a pinned array owned by the
/// caller, and no call keeps a pointer after it returns.
/// </remarks>
internal static unsafe partial class Libc
{
    /// <summary>64-bit little-endian Linux: the layouts and numbers of this folder hold.</summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsLinux() && Environment.Is64BitProcess && BitConverter.IsLittleEndian && sizeof(MessageHeader) == MessageHeader.Size;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(int descriptor, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int descriptor, byte* name, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(int descriptor, byte* name, uint* length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMessages(int descriptor, MessageHeader* headers, uint count, int flags, KernelTimeSpan* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMessages(int descriptor, MessageHeader* headers, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileHandle descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileHandle descriptor, void* data, nuint length);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, void* readiness);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, void* readiness, int count, int timeoutMilliseconds);

    // glibc exports it since 2.35; where it is missing, the first call throws EntryPointNotFoundException.
    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    public static partial int EpollWaitNanoseconds(int epoll, void* readiness, int count, KernelTimeSpan* timeout, void* signalMask);

    /// <summary>The error of the last call on this thread.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    /// <summary>What to throw when a call at set-up fails; its cause is the one a framework socket would give, where a caller may want to know it.</summary>
    public static IOException Failure(string call)
    {
        var error = Error;
        SocketError? cause = error switch
        {
            LibcConstants.EAddrInUse => SocketError.AddressAlreadyInUse,
            LibcConstants.EAddrNotAvail => SocketError.AddressNotAvailable,
            LibcConstants.EAcces => SocketError.AccessDenied,
            _ => null,
        };
        return new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})", cause is { } known ? new SocketException((int)known) : null);
    }
}
