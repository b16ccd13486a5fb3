using Broadcast.Media.Layers;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Relay;

/// <summary>The parent's side of a link: one stream for one child.</summary>
/// <remarks>A subscription like a viewer's, with another policy: nothing is renumbered, and the child says which tracks. Owned by one MediaWorker.</remarks>
internal sealed class RelayOutbound(string streamId, RelayTransport transport)
{
    /// <summary>Bytes that may leave at once. A keyframe at line rate overflows the buffers on its way.</summary>
    private const int Burst = 64 * 1024;

    /// <summary>After that so many follow each millisecond: 100 Mbit/s.</summary>
    private const int BytesPerMillisecond = 12_500;

    private readonly Dictionary<int, RelaySender> _senders = [];
    private RelayCircuitBreaker _breaker;
    private RelayFrame.Subscribe? _wanted;
    private RelayFrame.State? _state;
    private Publication? _publication;
    private QualityLadder? _ladder;
    private int _ladderRepeats;
    private bool _ended;
    private bool _loops;
    private int _budget = Burst;
    private MonotonicTime _refilledAt;
    private MonotonicTime _heardAt;
    private MonotonicTime _stateSentAt;
    private MonotonicTime _ladderSentAt;
    private MonotonicTime _reportsSentAt;
    private bool _isCounted;
    private string? _trace;
    private MonotonicTime _activeSince;
    private MonotonicTime _firstSentAt;

    /// <summary>The stream's name.</summary>
    public string StreamId { get; } = streamId;

    /// <summary>The stream, once this node knows it.</summary>
    public LiveStream? Stream
    {
        get;
        set
        {
            if (ReferenceEquals(field, value)) return;
            if (_isCounted) field!.CountChild(-1);
            field = value;
            _isCounted = false;
            Count();
        }
    }

    /// <summary>The encrypted way to the child.</summary>
    public PeerChannel Channel => transport.Channel!;

    /// <summary>The tracks whose news it must see, by <see cref="SourceTrack.Index"/>.</summary>
    public ulong Demand { get; private set; }

    /// <summary>True while it has more to send than its pace allows.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>True when it must be looked at even if nothing new arrived.</summary>
    public bool IsUrgent { get; private set; }

    /// <summary>Whether media is sent at all.</summary>
    public bool IsStandby => _wanted?.IsStandby ?? true;

    /// <summary>Takes what the child says it wants.</summary>
    public void Take(RelayFrame.Subscribe wanted, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        _heardAt = now;
        var known = _wanted;
        if (known is not null && wanted.Version < known.Version) return;
        _wanted = wanted;
        if (known is null || (known.IsStandby && !wanted.IsStandby)) (_activeSince, _firstSentAt) = (now, MonotonicTime.Zero);
        if (transport.Served is not null && wanted.Trace is not null && wanted.Trace != known?.Trace) _trace = wanted.Trace;
        Count();
        if (known is null || wanted.Version != known.Version)
        {
            Apply(now);
            SendState(channel, now, output);
        }
    }

    /// <summary>Sends every wanted track what is new.</summary>
    /// <param name="publication">The stream's present publication.</param>
    /// <param name="heads">Positions one past the newest packet, by <see cref="SourceTrack.Index"/>.</param>
    /// <param name="now">Present time.</param>
    /// <param name="output">Receives the packets.</param>
    public void Forward(Publication publication, ReadOnlySpan<long> heads, MonotonicTime now, PacketOutput output)
    {
        var channel = Channel;
        if (!channel.CanSend) return;
        if (!ReferenceEquals(publication, _publication))
        {
            // The state must be there before the first packet.
            Apply(now);
            SendState(channel, now, output);
        }

        IsUrgent = false;
        _budget = (int)Math.Min(Burst, _budget + ((now - _refilledAt).TotalMilliseconds * BytesPerMillisecond));
        _refilledAt = now;
        var complete = true;
        var before = _budget;
        foreach (var sender in _senders.Values) complete &= sender.Forward(heads[sender.Track.Index], ref _budget, channel, output);
        transport.BytesSent += before - _budget;
        if (_firstSentAt == MonotonicTime.Zero && _budget != before) _firstSentAt = now;
        if (_trace is not null && _firstSentAt != MonotonicTime.Zero) TellServed();
        IsBehind = !complete;
    }

    /// <summary>Looks after state, reports and the circuit breaker.</summary>
    /// <returns>False when the child is gone.</returns>
    public bool Tick(PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        if (_wanted is null || now - _heardAt > RelayProtocol.SubscriptionLifetime) return false;
        var tripped = _breaker.Update(WorstLoss(), now);
        if (tripped) _ladder = null;
        if (tripped || HasChanged())
        {
            Apply(now);
            SendState(channel, now, output);
        }
        else if (now - _stateSentAt >= (_wanted.SeenState == _state?.Version ? RelayProtocol.RefreshInterval : RelayProtocol.ResendInterval))
        {
            SendState(channel, now, output);
        }

        SendLadder(channel, now, output);
        SendReports(channel, now, output);
        return true;
    }

    /// <summary>The child is gone.</summary>
    public void End()
    {
        StopSending();
        _wanted = null;
        Count();
    }

    private void TellServed()
    {
        transport.Served?.Invoke(new RelayServed(StreamId, transport.RemoteNodeId, _trace!, _activeSince, _firstSentAt));
        _trace = null;
    }

    /// <summary>One that stands by is not fed.</summary>
    private void Count()
    {
        if (Stream is null || _isCounted == !IsStandby) return;
        _isCounted = !IsStandby;
        Stream.CountChild(_isCounted ? 1 : -1);
    }

    private void StopSending()
    {
        foreach (var sender in _senders.Values) transport.Remove(sender);
        _senders.Clear();
        Demand = 0;
    }

    private bool HasChanged()
    {
        if (Stream?.Publication is not { } publication) return _publication is not null;
        if (!ReferenceEquals(publication, _publication) || publication.HasEnded != _ended) return true;
        if (_state is not { } state || !RelayTransport.AreHopsOf(Stream, state.Hops)) return true;
        for (var i = 0; i < state.Tracks.Count; i++)
        {
            if (state.Tracks[i].Alignment != publication.Tracks[i].Alignment || state.Tracks[i].OriginSsrc != publication.Tracks[i].OriginSsrc) return true;
        }

        return false;
    }

    /// <summary>Makes what is sent what is wanted, as far as there is something, and nothing runs in a circle.</summary>
    private void Apply(MonotonicTime now)
    {
        var publication = Stream?.Publication;
        if (!ReferenceEquals(publication, _publication))
        {
            StopSending();
            (_publication, _ladder) = (publication, null);
        }

        _ended = publication?.HasEnded ?? false;
        _loops = Stream is not null && transport.HopsOf(Stream).Contains(transport.RemoteNodeId);
        ulong demand = 0;
        if (publication is not null && _wanted is { IsStandby: false } wanted && !_loops)
        {
            var all = wanted.Epoch != publication.Epoch;
            for (var i = 0; i < publication.Tracks.Count; i++)
            {
                var from = all ? -1 : FromOf(wanted, i);
                if ((!all && from is null) || !_breaker.Allows(publication, publication.Tracks[i])) continue;
                demand |= 1UL << i;
                if (!_senders.ContainsKey(i)) _senders.Add(i, transport.Add(publication, publication.Tracks[i], from ?? -1, now));
            }
        }

        foreach (var (index, sender) in _senders)
        {
            if ((demand & (1UL << index)) != 0) continue;
            transport.Remove(sender);
            _senders.Remove(index);
        }

        Demand = demand;
        IsUrgent = true;
        _state = NewState(publication);
    }

    private static long? FromOf(RelayFrame.Subscribe wanted, int track)
    {
        foreach (var want in wanted.Wants)
        {
            if (want.Track == track) return want.From;
        }

        return null;
    }

    private RelayFrame.State NewState(Publication? publication)
    {
        var status = _loops ? RelayStatus.Loop
            : publication is null ? RelayStatus.NotLive
            : publication.HasEnded ? RelayStatus.Ended
            : RelayStatus.Live;
        return new RelayFrame.State(
            StreamId,
            _wanted?.Version ?? 0,
            transport.NextVersion(),
            status,
            publication?.Epoch ?? PublicationEpoch.None,
            Stream is null ? [] : transport.HopsOf(Stream),
            publication is null ? [] : [.. publication.Tracks.Select(Describe)]);
    }

    private RelayTrack Describe(SourceTrack track)
    {
        var sender = _senders.GetValueOrDefault(track.Index);
        var head = track.Log.TryGet(track.Log.Head - 1, out var newest) ? newest.ExtendedSequenceNumber : -1;
        return new RelayTrack(
            track.Codec, track.FormatParameters, track.ClockRateHz, track.Rid, track.OriginSsrc, track.Alignment,
            sender?.Ssrc ?? 0, sender?.Start ?? -1, sender?.StartTimestamp ?? 0, (int)(sender?.StartAge.TotalMilliseconds ?? 0), head);
    }

    private void SendState(PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        _state ??= NewState(_publication);
        _stateSentAt = now;
        transport.Send(_state, channel, output);
    }

    /// <summary>Sent again a few times, as nobody acknowledges it, and then now and then.</summary>
    private void SendLadder(PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        if (_publication is not { Qualities: { IsMeasured: true } ladder } publication || _loops) return;
        var isNew = !ReferenceEquals(ladder, _ladder);
        if (isNew) (_ladder, _ladderRepeats) = (ladder, 3);
        else if (now - _ladderSentAt < (_ladderRepeats > 0 ? RelayProtocol.ResendInterval : RelayProtocol.RefreshInterval)) return;
        if (!isNew && _ladderRepeats > 0) _ladderRepeats--;
        _ladderSentAt = now;
        var qualities = new RelayQuality[ladder.Rungs.Length];
        for (var i = 0; i < qualities.Length; i++)
        {
            var rung = ladder.Rungs[i];
            qualities[i] = new RelayQuality(
                rung.Track.Index, rung.SpatialId, rung.TemporalLayers, rung.Width, rung.Height, rung.FramesPerSecond,
                rung.IsActive && _breaker.Allows(publication, rung.Track), rung.Rates);
        }

        transport.Send(new RelayFrame.Ladder(StreamId, publication.Epoch, qualities), channel, output);
    }

    private void SendReports(PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        var isDue = now - _reportsSentAt >= RelayProtocol.RefreshInterval;
        if (isDue) _reportsSentAt = now;
        foreach (var sender in _senders.Values)
        {
            var slot = RelayTransport.BeginRtcp(output);
            channel.CommitRtcp(output, slot, sender.WriteSenderReport(slot, isDue));
        }
    }

    private byte WorstLoss()
    {
        byte worst = 0;
        foreach (var sender in _senders.Values) worst = Math.Max(worst, sender.FractionLost);
        return worst;
    }
}
