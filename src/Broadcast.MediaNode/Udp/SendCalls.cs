using System.Runtime.InteropServices;

namespace Broadcast.MediaNode.Udp;

/// <summary>The kernel as <see cref="BatchSender"/> sees it; tests put a scripted one in its place.</summary>
internal unsafe class SendCalls(int descriptor)
{
    private readonly PollDescriptor[] _poll = GC.AllocateArray<PollDescriptor>(1, pinned: true);

    /// <summary>errno of the last call.</summary>
    public virtual int Error => Libc.Error;

    /// <summary><c>sendmmsg</c>: the number of messages taken, or -1 when the first failed.</summary>
    public virtual int Send(MessageHeader* headers, int count) =>
        Libc.SendMessages(descriptor, headers, (uint)count, LibcConstants.MsgNoSignal | LibcConstants.MsgDontWait);

    /// <summary>Waits until the send buffer has room.</summary>
    /// <param name="milliseconds">The longest wait; less what was waited afterwards, at least 1.</param>
    /// <returns>False when the time is over.</returns>
    public virtual bool WaitWritable(ref int milliseconds)
    {
        var before = MonotonicClock.Now();
        _poll[0] = new PollDescriptor { Descriptor = descriptor, Events = LibcConstants.PollOut };

        // Safety: the one-element array is pinned for life.
        var ready = Libc.Poll((PollDescriptor*)Marshal.UnsafeAddrOfPinnedArrayElement(_poll, 0), 1, milliseconds);

        // At least one, so that a socket that claims to be writable and is not cannot hold the worker.
        milliseconds -= Math.Max(1, (int)(MonotonicClock.Now() - before).TotalMilliseconds);
        return ready > 0;
    }
}
