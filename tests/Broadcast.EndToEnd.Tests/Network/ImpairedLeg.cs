namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>Leads one tab's media through an <see cref="UdpImpairmentProxy"/>, by rewriting the answers it gets.</summary>
public sealed class ImpairedLeg(double loss, TimeSpan delay, int seed) : IAsyncDisposable
{
    private UdpImpairmentProxy? _proxy;

    /// <summary>What the direction toward the page carries: a viewer's media.</summary>
    public Bottleneck ToPage { get; init; } = new();

    /// <summary>What the direction from the page carries: a publisher's media.</summary>
    public Bottleneck FromPage { get; init; } = new();

    /// <summary>Gives the page the proxy's port instead of the server's.</summary>
    public string Rewrite(string answer)
    {
        if (!answer.Contains("a=candidate", StringComparison.Ordinal))
            return answer;
        _proxy ??= new UdpImpairmentProxy(Candidates.FirstUdp(answer), loss, delay, seed, FromPage, ToPage);
        return Candidates.OnlyUdpAt(answer, _proxy.Port);
    }

    /// <summary>RTP packets of a payload type that have passed.</summary>
    public long PassedOf(byte payloadType) => _proxy?.PassedOf(payloadType) ?? 0;

    public override string ToString() => _proxy?.ToString() ?? "not used";

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();
    }
}
