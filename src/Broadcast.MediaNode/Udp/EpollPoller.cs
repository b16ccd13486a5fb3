using System.Runtime.InteropServices;

namespace Broadcast.MediaNode.Udp;

/// <summary><c>epoll</c>, with <c>epoll_pwait2</c> for waits shorter than a millisecond where it exists (Linux 5.11).</summary>
internal sealed unsafe class EpollPoller : Poller
{
    private const int Capacity = 256;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int TokenOffset = Stride - 8;
    private static readonly bool HasNanoseconds = HasNanosecondWait();

    private readonly Descriptor _epoll;
    private readonly byte[] _events = GC.AllocateArray<byte>(Capacity * Stride, pinned: true);

    /// <summary>Creates an epoll instance.</summary>
    public EpollPoller()
    {
        var descriptor = Libc.EpollCreate(LibcConstants.EpollCloexec);
        if (descriptor < 0) throw Libc.Failure("epoll_create1");
        _epoll = new Descriptor(descriptor);
    }

    /// <inheritdoc/>
    public override void Add(in PollTarget target, int token, PollEvents events)
    {
        if (Control(LibcConstants.EpollCtlAdd, target, token, events) != 0) throw Libc.Failure("epoll_ctl(ADD)");
    }

    /// <inheritdoc/>
    public override void Change(in PollTarget target, int token, PollEvents events)
    {
        if (Control(LibcConstants.EpollCtlMod, target, token, events) != 0) throw Libc.Failure("epoll_ctl(MOD)");
    }

    /// <inheritdoc/>
    public override void Remove(in PollTarget target) => Control(LibcConstants.EpollCtlDel, target, 0, PollEvents.None);

    /// <inheritdoc/>
    public override int Wait(Span<Ready> ready, TimeSpan timeout)
    {
        var room = Math.Min(ready.Length, Capacity);
        if (room == 0) return 0;

        // Safety: the array is pinned for life and has room for Capacity entries; room is not more.
        var events = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_events, 0);
        var count = timeout < TimeSpan.Zero ? Libc.EpollWait(_epoll.Value, events, room, -1)
            : timeout == TimeSpan.Zero ? Libc.EpollWait(_epoll.Value, events, room, 0)
            : WaitFor(events, room, timeout);
        for (var i = 0; i < count; i++)
        {
            var entry = _events.AsSpan(i * Stride, Stride);
            ready[i] = new Ready(MemoryMarshal.Read<int>(entry[TokenOffset..]), FromNative(MemoryMarshal.Read<uint>(entry)));
        }

        return Math.Max(0, count);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _epoll.Dispose();
    }

    private int WaitFor(byte* events, int room, TimeSpan timeout)
    {
        if (HasNanoseconds)
        {
            var span = new KernelTimeSpan { Seconds = timeout.Ticks / TimeSpan.TicksPerSecond, Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * 100 };
            return Libc.EpollWaitNanoseconds(_epoll.Value, events, room, &span, null);
        }

        // Rounded up: waking before a deadline would only make the caller wait again.
        var milliseconds = (timeout.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
        return Libc.EpollWait(_epoll.Value, events, room, (int)Math.Min(milliseconds, int.MaxValue));
    }

    private int Control(int operation, in PollTarget target, int token, PollEvents events)
    {
        // Safety: 16 bytes hold either layout of struct epoll_event, and the kernel only reads it.
        var readiness = stackalloc byte[16];
        var span = new Span<byte>(readiness, 16);
        span.Clear();
        var native = ((events & PollEvents.Readable) != 0 ? LibcConstants.EpollIn : 0) | ((events & PollEvents.Writable) != 0 ? LibcConstants.EpollOut : 0);
        MemoryMarshal.Write(span, native);
        MemoryMarshal.Write(span[TokenOffset..], token);
        return Libc.EpollControl(_epoll.Value, operation, target.Descriptor, readiness);
    }

    private static PollEvents FromNative(uint events) =>
        ((events & LibcConstants.EpollIn) != 0 ? PollEvents.Readable : 0)
        | ((events & LibcConstants.EpollOut) != 0 ? PollEvents.Writable : 0)
        | ((events & (LibcConstants.EpollErr | LibcConstants.EpollHup)) != 0 ? PollEvents.Failed : 0);

    private static bool HasNanosecondWait()
    {
        // A bad descriptor on purpose: only "no such call" is of interest.
        try
        {
            var span = default(KernelTimeSpan);
            var readiness = stackalloc byte[16];
            Libc.EpollWaitNanoseconds(-1, readiness, 1, &span, null);
            return Libc.Error != LibcConstants.ENoSys;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }
}
