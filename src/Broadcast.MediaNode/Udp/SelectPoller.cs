using System.Net.Sockets;

namespace Broadcast.MediaNode.Udp;

/// <summary>The portable poller: <see cref="Socket.Select(System.Collections.IList, System.Collections.IList, System.Collections.IList, TimeSpan)"/> over framework sockets. Allocates; for systems other than Linux.</summary>
internal sealed class SelectPoller : Poller
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly Dictionary<Socket, (int Token, PollEvents Events)> _watched = [];

    /// <inheritdoc/>
    public override void Add(in PollTarget target, int token, PollEvents events) => _watched.Add(SocketOf(target), (token, events));

    /// <inheritdoc/>
    public override void Change(in PollTarget target, int token, PollEvents events) => _watched[SocketOf(target)] = (token, events);

    /// <inheritdoc/>
    public override void Remove(in PollTarget target)
    {
        if (target.Socket is not null) _watched.Remove(target.Socket);
    }

    /// <inheritdoc/>
    public override int Wait(Span<Ready> ready, TimeSpan timeout)
    {
        var readable = new List<Socket>();
        var writable = new List<Socket>();
        var failed = new List<Socket>();
        foreach (var (socket, (_, events)) in _watched)
        {
            if ((events & PollEvents.Readable) != 0) readable.Add(socket);
            if ((events & PollEvents.Writable) != 0) writable.Add(socket);
            failed.Add(socket);
        }

        if (failed.Count == 0) return 0;
        Socket.Select(readable, writable, failed, timeout < TimeSpan.Zero || timeout > Longest ? Longest : timeout);
        var results = new Dictionary<Socket, PollEvents>();
        foreach (var socket in readable) results[socket] = PollEvents.Readable;
        foreach (var socket in writable) results[socket] = results.GetValueOrDefault(socket) | PollEvents.Writable;
        foreach (var socket in failed) results[socket] = results.GetValueOrDefault(socket) | PollEvents.Failed;
        var count = 0;
        foreach (var (socket, events) in results)
        {
            if (count == ready.Length) break;
            ready[count++] = new Ready(_watched[socket].Token, events);
        }

        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _watched.Clear();

    private static Socket SocketOf(in PollTarget target) =>
        target.Socket ?? throw new ArgumentException("Only framework sockets can be watched on this system.", nameof(target));
}
