using System.Buffers;
using Broadcast.Media.Peers;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Relay;

/// <summary>What carries the links from one parent to one child: many streams on one DTLS-SRTP transport, media downwards.</summary>
/// <remarks>
/// The child dials, so two nodes that feed each other have two transports. One class for both ends: the parent's end has
/// <see cref="RelayOutbound"/>s, the child's end feeds <see cref="RelayInbound"/>s. Owned by one MediaWorker.
/// </remarks>
/// <param name="localNodeId">This node.</param>
/// <param name="remoteNodeId">The other node; its certificate has been checked against what the cluster knows.</param>
/// <param name="isParent">True at the end that sends media.</param>
/// <param name="streams">The streams that this node has.</param>
public sealed class RelayTransport(string localNodeId, string remoteNodeId, bool isParent, StreamDirectory streams)
{
    private readonly Dictionary<string, RelayOutbound> _outbound = [];
    private readonly Dictionary<uint, RelaySender> _senders = [];
    private readonly Dictionary<string, RelayParent> _parents = [];
    private readonly Dictionary<uint, RelayWire> _wires = [];
    private readonly ArrayBufferWriter<byte> _frame = new(RelayProtocol.MaxFrameLength);
    private IRelaySubscriptions? _subscriptions;
    private SrtpReceiver? _receiver;
    private PeerChannel? _channel;
    private uint _nextSsrc = RelayProtocol.ControlSsrc + 1;
    private int _version;
    private MonotonicTime _nextPing;

    /// <summary>This node.</summary>
    public string LocalNodeId { get; } = localNodeId;

    /// <summary>The other node.</summary>
    public string RemoteNodeId { get; } = remoteNodeId;

    /// <summary>True at the end that sends media.</summary>
    public bool IsParent { get; } = isParent;

    /// <summary>When anything authentic came; zero before.</summary>
    public MonotonicTime LastHeard { get; private set; }

    /// <summary>As last measured; null before.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>Control frames that could not be read, or spoke of what is not on this transport.</summary>
    public long BadFrames { get; private set; }

    /// <summary>Media bytes received.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>Media bytes sent, repairs not counted.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>True from the end of the handshake until the session is over.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>True when the session is over: another transport has to be made.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Hears, at a parent's end and on the worker's thread, of children that follow their stream's way in a trace; null when nobody does.</summary>
    public Action<RelayServed>? Served { get; init; }

    /// <summary>Called when the keys are there.</summary>
    internal void OnConnected(PeerChannel channel, SrtpReceiver receiver, IRelaySubscriptions subscriptions, MonotonicTime now)
    {
        receiver.MaxStreams = RelayProtocol.MaxStreams;
        (_channel, _receiver, _subscriptions, LastHeard, IsConnected) = (channel, receiver, subscriptions, now, true);
    }

    /// <summary>The encrypted way to the other node; null before the handshake.</summary>
    internal PeerChannel? Channel => _channel;

    /// <summary>Called when the session is over.</summary>
    internal void OnEnded()
    {
        (IsConnected, HasEnded) = (false, true);
        foreach (var outbound in _outbound.Values) Drop(outbound);
        _outbound.Clear();
        _receiver = null;
    }

    /// <summary>Handles one SRTP datagram in place (steps 4 to 6).</summary>
    /// <param name="datagram">As it came; decrypted in place.</param>
    /// <param name="srtp">The parent's keys.</param>
    /// <param name="arrival">Kernel receive time.</param>
    /// <param name="fed">What has news now.</param>
    internal DropReason HandleRtp(Span<byte> datagram, SrtpReceiver srtp, MonotonicTime arrival, out RelayInbound? fed)
    {
        fed = null;
        var reason = srtp.UnprotectRtp(datagram, out var length, out var hopSequence);
        if (reason != DropReason.None) return reason;
        LastHeard = arrival;
        reason = RtpPacketView.TryParse(datagram[..length], out var packet);
        if (reason != DropReason.None) return reason;
        BytesReceived += length;
        if (!_wires.TryGetValue(packet.Ssrc, out var wire)) return DropReason.RtpUnknownStream;
        var payload = packet.Payload;
        var isRepair = packet.PayloadType == RelayProtocol.RtxPayloadType;
        if (isRepair)
        {
            reason = RtxPayload.TryParse(payload, out var original, out payload);
            if (reason != DropReason.None) return reason;
            hopSequence = wire.Extend(original);
        }
        else if (packet.PayloadType != RelayProtocol.PayloadType)
        {
            return DropReason.RtpUnknownPayloadType;
        }

        var values = HeaderExtensionValues.Parse(packet, RelayProtocol.Extensions);
        reason = wire.Take(hopSequence, packet, payload, values, arrival, isRepair);
        if (reason == DropReason.None) fed = wire.Inbound;
        return reason;
    }

    /// <summary>Handles a decrypted compound RTCP packet.</summary>
    internal DropReason HandleRtcp(ReadOnlySpan<byte> compound, PeerChannel channel, DropCounters drops, MonotonicTime now, PacketOutput output)
    {
        LastHeard = now;
        var reader = new RtcpReader(compound);
        DropReason reason;
        while (reader.TryRead(out var packet, out reason))
        {
            switch (packet.Kind)
            {
                case RtcpPacketKind.Application:
                    if (ApplicationView.TryParse(packet, out var application) != DropReason.None) return DropReason.RtcpMalformed;
                    if (application.Name == RelayProtocol.ApplicationName) Take(application.Data, channel, now, output);
                    break;
                case RtcpPacketKind.SenderReport:
                    if (SenderReportView.TryParse(packet, out var senderReport) != DropReason.None) return DropReason.RtcpMalformed;
                    if (_wires.TryGetValue(senderReport.Ssrc, out var wire)) wire.TakeSenderReport(senderReport.NtpTimestamp, senderReport.RtpTimestamp, now);
                    break;
                case RtcpPacketKind.ReceiverReport:
                    if (ReceiverReportView.TryParse(packet, out var receiverReport) != DropReason.None) return DropReason.RtcpMalformed;
                    for (var i = 0; i < receiverReport.ReportBlockCount; i++)
                    {
                        if (_senders.TryGetValue(receiverReport[i].Ssrc, out var reported)) reported.FractionLost = receiverReport[i].FractionLost;
                    }

                    break;
                case RtcpPacketKind.Nack:
                    if (NackView.TryParse(packet, out var nack) != DropReason.None) return DropReason.RtcpMalformed;
                    Retransmit(nack, channel, drops, now, output);
                    break;
                case RtcpPacketKind.PictureLossIndication:
                    if (PliView.TryParse(packet, out var pli) != DropReason.None) return DropReason.RtcpMalformed;
                    if (_senders.TryGetValue(pli.MediaSsrc, out var asked)) asked.WantKeyframe();
                    break;
                default:
                    break;
            }
        }

        return reason;
    }

    /// <summary>Sends signs of life, and what the links have to say.</summary>
    /// <returns>When it wants to be called next.</returns>
    internal MonotonicTime Tick(PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        if (!channel.CanSend) return now + RelayProtocol.ResendInterval;
        if (now >= _nextPing)
        {
            _nextPing = now + RelayProtocol.PingInterval;
            Send(new RelayFrame.Ping(now.Nanoseconds, IsReply: false), channel, output);
        }

        foreach (var (streamId, outbound) in _outbound)
        {
            Find(outbound);
            if (outbound.Tick(channel, now, output)) continue;
            Drop(outbound);
            _outbound.Remove(streamId);
        }

        return MonotonicTime.Min(_nextPing, now + RelayProtocol.ResendInterval);
    }

    /// <summary>Sends a control frame; one that is too long is not sent, and counted.</summary>
    internal void Send(RelayFrame frame, PeerChannel channel, PacketOutput output)
    {
        _frame.ResetWrittenCount();
        RelayFrameCodec.Write(_frame, frame);
        if (_frame.WrittenCount > RelayProtocol.MaxFrameLength)
        {
            BadFrames++;
            return;
        }

        var slot = BeginRtcp(output);
        channel.CommitRtcp(output, slot, RtcpWriter.Application(slot, RelayProtocol.ControlSsrc, RelayProtocol.ApplicationName, _frame.WrittenSpan));
    }

    /// <summary>Room for one RTCP datagram.</summary>
    internal static Span<byte> BeginRtcp(PacketOutput output) => output.Reserve(PeerChannel.MaxRtcpLength + SrtpLimits.MaxRtcpOverhead);

    /// <summary>The nodes from the origin of a stream to this one.</summary>
    internal string[] HopsOf(LiveStream stream) => [.. stream.NodesAbove, LocalNodeId];

    /// <summary>True when these are they.</summary>
    internal static bool AreHopsOf(LiveStream stream, IReadOnlyList<string> hops)
    {
        var above = stream.NodesAbove;
        if (hops.Count != above.Count + 1) return false;
        for (var i = 0; i < above.Count; i++)
        {
            if (hops[i] != above[i]) return false;
        }

        return true;
    }

    /// <summary>A version for a state: newer than every other of this transport.</summary>
    internal int NextVersion() => ++_version;

    /// <summary>Gives a track an SSRC and begins to send it.</summary>
    internal RelaySender Add(Publication publication, SourceTrack track, long from, MonotonicTime now)
    {
        var sender = new RelaySender(publication, track, _nextSsrc, from, now);
        _nextSsrc += 2;
        _senders.Add(sender.Ssrc, sender);
        return sender;
    }

    /// <summary>Ends a track.</summary>
    internal void Remove(RelaySender sender) => _senders.Remove(sender.Ssrc);

    /// <summary>Has control frames and media of a stream come to a child's link.</summary>
    internal void Add(RelayParent parent) => _parents[parent.StreamId] = parent;

    /// <summary>The opposite of <see cref="Add(RelayParent)"/>.</summary>
    internal void Remove(RelayParent parent)
    {
        if (_parents.TryGetValue(parent.StreamId, out var known) && known == parent) _parents.Remove(parent.StreamId);
    }

    /// <summary>Has packets of an SSRC, and of its repairs, come to a track.</summary>
    internal void Add(uint ssrc, RelayWire wire) => _wires[ssrc] = _wires[ssrc + 1] = wire;

    /// <summary>The opposite of <see cref="Add(uint, RelayWire)"/>.</summary>
    internal void RemoveWire(uint ssrc)
    {
        for (var i = 0u; i < 2; i++)
        {
            _wires.Remove(ssrc + i);
            _receiver?.Forget(ssrc + i);
        }
    }

    private void Take(ReadOnlySpan<byte> data, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        switch (RelayFrameCodec.Read(data.ToArray()))
        {
            case RelayFrame.Ping { IsReply: false } ping:
                Send(ping with { IsReply = true }, channel, output);
                break;
            case RelayFrame.Ping pong:
                var elapsed = now.Nanoseconds - pong.SentAt;
                if (elapsed is > 0 and < 10_000_000_000) RoundTrip = TimeSpan.FromTicks(elapsed / 100);
                break;
            case RelayFrame.Subscribe wanted when IsParent:
                Take(wanted, channel, now, output);
                break;
            case RelayFrame.Unsubscribe left when IsParent:
                if (_outbound.Remove(left.StreamId, out var gone)) Drop(gone);
                break;
            case RelayFrame.State state when !IsParent && _parents.TryGetValue(state.StreamId, out var parent):
                parent.Take(state, channel, now, output);
                break;
            case RelayFrame.Ladder ladder when !IsParent && _parents.TryGetValue(ladder.StreamId, out var teller):
                teller.Take(ladder);
                break;
            default:
                BadFrames++;
                break;
        }
    }

    private void Take(RelayFrame.Subscribe wanted, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        if (!_outbound.TryGetValue(wanted.StreamId, out var outbound))
        {
            if (_outbound.Count >= RelayProtocol.MaxStreams / 4)
            {
                BadFrames++;
                return;
            }

            outbound = new RelayOutbound(wanted.StreamId, this);
            _outbound.Add(wanted.StreamId, outbound);
        }

        Find(outbound);
        outbound.Take(wanted, channel, now, output);
        if (outbound.Stream is { } stream) _subscriptions?.Urge(stream);
    }

    private void Retransmit(in NackView nack, PeerChannel channel, DropCounters drops, MonotonicTime now, PacketOutput output)
    {
        if (!channel.CanSend || !_senders.TryGetValue(nack.MediaSsrc, out var sender)) return;
        foreach (var sequence in nack)
        {
            var reason = sender.Retransmit(sequence, RoundTrip ?? TimeSpan.FromMilliseconds(20), channel, now, output);
            if (reason != DropReason.None) drops.Count(reason);
        }
    }

    /// <summary>The node may learn of a stream after a child asked for it, and forget it in between.</summary>
    private void Find(RelayOutbound outbound)
    {
        var stream = streams.Find(outbound.StreamId);
        if (ReferenceEquals(stream, outbound.Stream)) return;
        if (outbound.Stream is { } before) _subscriptions?.Unsubscribe(before, outbound);
        outbound.Stream = stream;
        if (stream is not null) _subscriptions?.Subscribe(stream, outbound);
    }

    private void Drop(RelayOutbound outbound)
    {
        outbound.End();
        if (outbound.Stream is { } stream) _subscriptions?.Unsubscribe(stream, outbound);
    }
}
