namespace Broadcast.MediaNode.Udp;

/// <summary>What a descriptor is ready for.</summary>
[Flags]
public enum PollEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Something can be read, or a connection accepted, or the peer has closed.</summary>
    Readable = 1,

    /// <summary>Something can be written.</summary>
    Writable = 2,

    /// <summary>An error or hang-up; always reported, never asked for.</summary>
    Failed = 4,
}

/// <summary>One ready descriptor.</summary>
/// <param name="Token">What was given when it was added.</param>
/// <param name="Events">What it is ready for.</param>
public readonly record struct Ready(int Token, PollEvents Events);

/// <summary>Waits for many descriptors at once, level-triggered. Owned by one worker; not thread-safe.</summary>
public abstract class Poller : IDisposable
{
    /// <summary>Creates the best poller of this system.</summary>
    /// <exception cref="IOException">The system has no descriptor left.</exception>
    public static Poller Create() => Libc.IsSupported ? new EpollPoller() : new SelectPoller();

    /// <summary>Starts watching.</summary>
    /// <param name="target">What to watch; the caller removes it before it is closed.</param>
    /// <param name="token">Comes back in <see cref="Ready.Token"/>.</param>
    /// <param name="events">What to watch for.</param>
    /// <exception cref="IOException">The system refused.</exception>
    public abstract void Add(in PollTarget target, int token, PollEvents events);

    /// <summary>Watches for something else from now on.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public abstract void Change(in PollTarget target, int token, PollEvents events);

    /// <summary>Stops watching; unknown targets are ignored.</summary>
    public abstract void Remove(in PollTarget target);

    /// <summary>Waits until something is ready or the time is over.</summary>
    /// <param name="ready">Receives what is ready; what does not fit is reported next time.</param>
    /// <param name="timeout">Zero only looks; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever. Exact to microseconds where the system can, else rounded up to milliseconds.</param>
    /// <returns>The number of entries; 0 after the timeout or an interruption.</returns>
    public abstract int Wait(Span<Ready> ready, TimeSpan timeout);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the poller; what it watched stays open.</summary>
    protected abstract void Dispose(bool disposing);
}
