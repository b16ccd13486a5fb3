using Broadcast.Media.Peers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Relay;

/// <summary>The child's side of a link: one stream from one parent, or from one that stands by.</summary>
internal sealed class RelayParent(RelayInbound inbound, RelayTransport transport)
{
    private RelayWire?[] _wires = [];
    private Publication? _wiresOf;
    private RelayFrame.Subscribe? _wanted;
    private int _acknowledged;
    private MonotonicTime _sentAt;

    /// <summary>The stream's name.</summary>
    public string StreamId => inbound.Stream.StreamId;

    /// <summary>What carries it.</summary>
    public RelayTransport Transport => transport;

    /// <summary>The parent's node.</summary>
    public string NodeId => transport.RemoteNodeId;

    /// <summary>What the parent last said; null before.</summary>
    public RelayFrame.State? State { get; private set; }

    /// <summary>Packets that the present wires should have brought, and those that came first time; any thread may read them, a little late.</summary>
    public (long Expected, long Received) Counts
    {
        get
        {
            var (expected, received) = (0L, 0L);
            foreach (var wire in _wires)
            {
                if (wire is null) continue;
                expected += wire.Statistics.Expected;
                received += wire.Statistics.Received;
            }

            return (expected, received);
        }
    }

    /// <summary>True while media is wanted from it.</summary>
    public bool IsActive => _wanted is { IsStandby: false };

    /// <summary>When the first media came since media was wanted; zero before.</summary>
    public MonotonicTime DeliversSince { get; private set; }

    /// <summary>True when it could deliver now.</summary>
    public bool IsUsable(MonotonicTime now) =>
        transport.IsConnected && now - transport.LastHeard < RelayProtocol.SilenceLimit && State?.Status is RelayStatus.Live or RelayStatus.Ended;

    /// <summary>Under which SSRC a track comes; null when it does not.</summary>
    public RelayWire? WireOf(int track) => ReferenceEquals(_wiresOf, inbound.Publication) && track < _wires.Length ? _wires[track] : null;

    /// <summary>True when media from it would run in a circle.</summary>
    public bool IsLoop(string localNodeId) => State is { } state && (state.Status == RelayStatus.Loop || state.Hops.Contains(localNodeId) || state.Hops.Count >= RelayProtocol.MaxHops);

    /// <summary>Says what is wanted, if it is not what was said.</summary>
    public void Want(PublicationEpoch epoch, bool isStandby, IReadOnlyList<RelayWant> wants)
    {
        var isTold = inbound.Trace is null || inbound.Trace == _wanted?.Trace || isStandby;
        if (isTold && _wanted is { } wanted && wanted.Epoch == epoch && wanted.IsStandby == isStandby && SameTracks(wanted.Wants, wants)) return;
        if (IsActive == isStandby) DeliversSince = MonotonicTime.Zero;
        _wanted = new RelayFrame.Subscribe(StreamId, (_wanted?.Version ?? 0) + 1, State?.Version ?? 0, epoch, isStandby, wants) { Trace = isStandby ? null : inbound.Trace };
        _sentAt = MonotonicTime.Zero;
    }

    /// <summary>Takes what the parent says.</summary>
    public void Take(RelayFrame.State state, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        if (State is { } known && state.Version < known.Version) return;
        var isNew = State?.Version != state.Version;
        State = state;
        _acknowledged = Math.Max(_acknowledged, state.Acknowledged);
        inbound.Take(this, state, now);
        if (isNew) _sentAt = MonotonicTime.Zero;
        Tick(channel, now, output);
    }

    /// <summary>Takes the qualities, if they are those of what is received.</summary>
    public void Take(RelayFrame.Ladder ladder) => inbound.Take(this, ladder);

    /// <summary>Media of the stream came.</summary>
    public void OnMedia(MonotonicTime now)
    {
        if (DeliversSince == MonotonicTime.Zero && IsActive) DeliversSince = now;
    }

    /// <summary>Knows by which SSRCs the tracks of the present publication come.</summary>
    public void Map(RelayFrame.State state, Publication publication, IReadOnlyList<ReceiveTrack> tracks)
    {
        if (!ReferenceEquals(publication, _wiresOf))
        {
            Unmap();
            (_wires, _wiresOf) = (new RelayWire?[tracks.Count], publication);
        }

        for (var i = 0; i < tracks.Count; i++)
        {
            var (ssrc, start) = (state.Tracks[i].Ssrc, state.Tracks[i].Start);
            if (_wires[i]?.Ssrc is { } known)
            {
                if (known == ssrc) continue;
                transport.RemoveWire(known);
                _wires[i] = null;
            }

            if (ssrc <= RelayProtocol.ControlSsrc || start < 0) continue;
            _wires[i] = new RelayWire(inbound, this, tracks[i], state.Tracks[i]);
            transport.Add(ssrc, _wires[i]!);
            tracks[i].ExpectFrom(start);
        }
    }

    /// <summary>Repeats what is wanted until it is acknowledged, and now and then.</summary>
    public void Tick(PeerChannel? channel, MonotonicTime now, PacketOutput output)
    {
        if (_wanted is not { } wanted || channel is not { CanSend: true }) return;
        var interval = _acknowledged >= wanted.Version ? RelayProtocol.RefreshInterval : RelayProtocol.ResendInterval;
        if (_sentAt != MonotonicTime.Zero && now - _sentAt < interval) return;
        _sentAt = now;
        _wanted = wanted with { SeenState = State?.Version ?? 0 };
        transport.Send(_wanted, channel, output);
    }

    /// <summary>Sends a report of what came, so that the parent knows how the link is.</summary>
    public void Report(PeerChannel channel, PacketOutput output)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[RelayProtocol.MaxTracks];
        var count = 0;
        foreach (var wire in _wires)
        {
            if (wire is not { Packets: > 0 } || count == 31) continue;
            var (fraction, cumulative) = wire.Statistics.TakeInterval();
            blocks[count++] = new ReportBlock(wire.Ssrc, fraction, cumulative, (uint)wire.Statistics.Highest, 0, 0, 0);
        }

        if (count == 0) return;
        var slot = RelayTransport.BeginRtcp(output);
        channel.CommitRtcp(output, slot, RtcpWriter.ReceiverReport(slot, RelayProtocol.ControlSsrc, blocks[..count]));
    }

    /// <summary>Takes leave; the parent forgets by itself what it does not hear.</summary>
    public void Leave(PacketOutput output)
    {
        Unmap();
        transport.Remove(this);
        if (_wanted is not { } wanted || transport.Channel is not { CanSend: true } channel) return;
        transport.Send(new RelayFrame.Unsubscribe(StreamId, wanted.Version), channel, output);
    }

    /// <summary>No SSRC is known any more: another publication begins.</summary>
    public void Unmap()
    {
        foreach (var wire in _wires)
        {
            if (wire is not null) transport.RemoveWire(wire.Ssrc);
        }

        Array.Clear(_wires);
    }

    /// <summary>Where to begin is said once: what flows is not begun anew because it has gone on.</summary>
    private static bool SameTracks(IReadOnlyList<RelayWant> a, IReadOnlyList<RelayWant> b)
    {
        if (a.Count != b.Count) return false;
        for (var i = 0; i < a.Count; i++)
        {
            if (a[i].Track != b[i].Track) return false;
        }

        return true;
    }
}
