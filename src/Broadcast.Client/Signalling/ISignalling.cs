namespace Broadcast.Client.Signalling;

/// <summary>How sessions are begun and ended at one kind of server. Thread-safe.</summary>
internal interface ISignalling : IAsyncDisposable
{
    /// <summary>Begins a session; <paramref name="local"/> says whether it publishes or watches.</summary>
    /// <exception cref="SignallingException">The server refused.</exception>
    Task<SignalledSession> JoinAsync(string stream, LocalDescription local, CancellationToken cancellation);
}

/// <summary>A session the server agreed to.</summary>
/// <param name="Remote">The server's side of it.</param>
/// <param name="ThisEndOffered">Who offered, which settles ICE roles between full agents (RFC 8445 §6.1.1).</param>
/// <param name="LeaveAsync">Ends it at the server.</param>
internal sealed record SignalledSession(RemoteDescription Remote, bool ThisEndOffered, Func<CancellationToken, Task> LeaveAsync)
{
    /// <summary>Chooses a quality, in the JSON of WHEP's layer extension; null where the server has no such thing.</summary>
    public Func<string, CancellationToken, Task>? ChooseLayerAsync { get; init; }
}

/// <summary>The server refused a session, or said something that cannot be used.</summary>
internal sealed class SignallingException(string message) : Exception(message);
