using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Broadcast.MediaNode.Udp;

/// <summary>Wakes a worker out of <see cref="Poller.Wait"/> from any thread.</summary>
/// <remarks>
/// Signals coalesce: until the worker has called <see cref="Clear"/>, further ones cost one interlocked operation and
/// no system call. The worker calls <see cref="Clear"/> <em>before</em> it empties the queues it was woken for, so that
/// nothing queued in between is missed.
/// </remarks>
public sealed unsafe class Wakeup : IDisposable
{
    private readonly SafeFileHandle? _event;
    private readonly Socket? _socket;
    private int _pending;

    /// <summary>Creates an eventfd, or a loopback datagram socket that sends to itself where there is none.</summary>
    /// <exception cref="IOException">The system has no descriptor left.</exception>
    public Wakeup()
        : this(portable: !Libc.IsSupported)
    {
    }

    internal Wakeup(bool portable)
    {
        if (portable)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _socket.Connect(_socket.LocalEndPoint!);
            PollTarget = PollTarget.Of(_socket);
            return;
        }

        var descriptor = Libc.EventDescriptor(0, LibcConstants.EfdNonBlock | LibcConstants.EfdCloexec);
        if (descriptor < 0) throw Libc.Failure("eventfd");
        _event = new SafeFileHandle(descriptor, ownsHandle: true);
        PollTarget = new PollTarget(descriptor, null);
    }

    /// <summary>What to watch for readability.</summary>
    public PollTarget PollTarget { get; }

    /// <summary>Makes the worker's present or next wait return. Any thread; does nothing after disposal.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _pending, 1) != 0) return;
        try
        {
            // Safety: the eight bytes are on this stack frame; the handle is kept open by the marshaller during the call.
            var one = 1UL;
            if (_event is not null) Libc.Write(_event, &one, sizeof(ulong));
            else _socket!.Send([1], SocketFlags.None, out _);
        }
        catch (ObjectDisposedException)
        {
            // The worker has ended; there is nobody to wake.
        }
    }

    /// <summary>Makes further signals count again. Only the worker calls it.</summary>
    public void Clear()
    {
        Span<byte> drain = stackalloc byte[8];

        // Safety: `drain` is on this stack frame and eight bytes long, which is what eventfd writes.
        fixed (byte* pointer = drain)
        {
            if (_event is not null) Libc.Read(_event, pointer, 8);
            else while (_socket!.Receive(drain, SocketFlags.None, out _) > 0) { }
        }

        Interlocked.Exchange(ref _pending, 0); // a full fence: what was queued before a skipped signal is visible after it
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _event?.Dispose();
        _socket?.Dispose();
    }
}
