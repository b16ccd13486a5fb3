using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;

namespace Broadcast.Fuzz.Targets;

/// <summary>The first datagrams of a stranger to a server: each input goes to a fresh association, twice.</summary>
internal sealed class DtlsTarget : FuzzTarget
{
    public DtlsTarget()
    {
        var datagrams = new List<byte[]>();
        DtlsPeers.Connect(datagrams).Dispose();
        Corpus = [datagrams[0], .. datagrams.Where(datagram => datagram[0] != 23)];
    }

    public override string Name => "dtls";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override bool Run(ReadOnlySpan<byte> input)
    {
        using var server = DtlsPeers.Create(DtlsRole.Server);
        var reason = server.Receive(input, DtlsPeers.Now);
        server.Receive(input, DtlsPeers.Now);
        Invariant.Holds(server.State != DtlsState.Connected, "nobody connects with what somebody else has sent");
        Invariant.Holds(reason == DropReason.None || server.State is DtlsState.New or DtlsState.Failed, "what is dropped begins nothing");
        foreach (var datagram in DtlsPeers.Take(server)) Invariant.Holds(datagram.Length <= DtlsTransport.MaxDatagramLength, "answers fit a datagram");
        return reason == DropReason.None;
    }
}
