using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;

namespace Broadcast.Fuzz.Targets;

/// <summary>Datagrams to a connected server whose handshake state is released: only the peer can end it.</summary>
internal sealed class ReleasedDtlsTarget : FuzzTarget
{
    private readonly DtlsTransport _server;

    public ReleasedDtlsTarget()
    {
        var datagrams = new List<byte[]>();
        _server = DtlsPeers.Connect(datagrams);
        _server.ReleaseHandshake();

        // The last one is the client's own goodbye, which would be obeyed.
        Corpus = [.. datagrams.SkipLast(1)];
    }

    public override string Name => "dtls-closed";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var reason = _server.Receive(input, DtlsPeers.Now);
        Invariant.Holds(_server.State == DtlsState.Connected, "an association ends by its peer's keys only");
        Invariant.Holds(DtlsPeers.Take(_server).Count == 0, "nothing is answered");
        return reason == DropReason.None;
    }
}
