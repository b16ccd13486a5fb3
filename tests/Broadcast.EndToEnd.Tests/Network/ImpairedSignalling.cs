using System.Net;
using Broadcast.Client.Signalling;
using Broadcast.Rtc;

namespace Broadcast.EndToEnd.Tests.Network;

/// <summary>Leads the media of one session of the client library through an <see cref="UdpImpairmentProxy"/>, by changing what the server said.</summary>
internal sealed class ImpairedSignalling(ISignalling inner, double loss, TimeSpan delay, int seed) : ISignalling
{
    private UdpImpairmentProxy? _proxy;

    public async Task<SignalledSession> JoinAsync(string stream, LocalDescription local, CancellationToken cancellation)
    {
        var session = await inner.JoinAsync(stream, local, cancellation);
        _proxy = new UdpImpairmentProxy(session.Remote.UdpCandidates[0].ToEndPoint(), loss, delay, seed, new Bottleneck(), new Bottleneck());
        return session with { Remote = session.Remote with { UdpCandidates = [new TransportAddress(IPAddress.Loopback, (ushort)_proxy.Port)] } };
    }

    public override string ToString() => _proxy?.ToString() ?? "not used";

    public async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
    }
}
