using Broadcast.Media.Peers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Media.Relay;

/// <summary>One track on its way to one child: packets go out as they are in the log, under an SSRC of this link.</summary>
/// <remarks>
/// Sequence numbers, timestamps and payloads are those of the origin. Only the SSRC is the link's own, a fresh one each time
/// that the track begins to be sent: two streams may have the same SSRC, a publisher may come back with the one it had, and
/// after a long pause nobody could tell how often the sequence number has wrapped (RFC 3711 §3.3.1).
/// Owned by one MediaWorker; allocates nothing per packet.
/// </remarks>
internal sealed class RelaySender
{
    private const int MaxStoredExtensions = 192;

    /// <summary>How far before the first packet that is there the start may lie: holes that can still be repaired.</summary>
    private const int NackReach = NackGenerator.MaxMissing;

    private readonly Publication _publication;
    private readonly RetransmissionLimiter _limiter = new();
    private long _cursor;
    private long _highest;
    private long _rtxSequence;
    private SenderReportPair _reported;

    /// <summary>Begins to send a track.</summary>
    /// <param name="publication">What it is a track of.</param>
    /// <param name="track">What is sent.</param>
    /// <param name="ssrc">Never used before on this transport; the repairs' is one more.</param>
    /// <param name="from">As in <see cref="RelayWant.From"/>.</param>
    /// <param name="now">Present time.</param>
    public RelaySender(Publication publication, SourceTrack track, uint ssrc, long from, MonotonicTime now)
    {
        (_publication, Track, Ssrc) = (publication, track, ssrc);
        var head = track.Log.Head;
        _cursor = from >= 0 && TryFindFrom(from, head, out var position) ? position : FindStart(head, now);
        if (_cursor < head && track.Log.TryGet(_cursor, out var first)) (StartTimestamp, StartAge) = (first.Timestamp, now - first.ReceivedAt);
        Start = from >= 0 && _cursor < head && track.Log.TryGet(_cursor, out var packet) && from <= packet.ExtendedSequenceNumber && packet.ExtendedSequenceNumber - from < NackReach
            ? from
            : NextSequence(head);
        _highest = Start - 1;
    }

    /// <summary>What is sent.</summary>
    public SourceTrack Track { get; }

    /// <summary>Under which it is sent.</summary>
    public uint Ssrc { get; }

    /// <summary>The first sequence number that is sent, extended as at the origin.</summary>
    public long Start { get; }

    /// <summary>The timestamp of the packet there, or of the first after it.</summary>
    public uint StartTimestamp { get; }

    /// <summary>How long ago that packet came.</summary>
    public TimeSpan StartAge { get; }

    /// <summary>Packets sent, repairs excluded.</summary>
    public long Packets { get; private set; }

    /// <summary>Payload bytes of those packets.</summary>
    public long Octets { get; private set; }

    /// <summary>Packets sent again.</summary>
    public long Retransmitted { get; private set; }

    /// <summary>Packets that the log had overwritten before they were sent.</summary>
    public long Overwritten { get; private set; }

    /// <summary>What was lost on this link as last reported, 0 to 255.</summary>
    public byte FractionLost { get; set; }

    /// <summary>Sequence numbers on the wire have rollover counters of this link's own: they begin at 0.</summary>
    private long Base => Start & ~0xFFFFL;

    /// <summary>Sends what is new, as far as the budget goes.</summary>
    /// <returns>False when something is left for later.</returns>
    public bool Forward(long head, ref int budget, PeerChannel channel, PacketOutput output)
    {
        var log = Track.Log;
        var floor = log.Floor;
        if (_cursor < floor)
        {
            Overwritten += floor - _cursor;
            _cursor = floor;
        }

        for (; _cursor < head; _cursor++)
        {
            if (budget <= 0) return false;
            if (!log.TryGet(_cursor, out var packet))
            {
                Overwritten++;
                continue;
            }

            if (packet.ExtendedSequenceNumber < Start) continue;
            var length = Build(_cursor, packet, repair: false, channel.Srtp!, output);
            if (length == 0)
            {
                Overwritten++;
                continue;
            }

            output.Commit(channel.Path, length);
            budget -= length;
            Packets++;
            Octets += packet.PayloadLength;
            if (packet.ExtendedSequenceNumber > _highest) _highest = packet.ExtendedSequenceNumber;
        }

        return true;
    }

    /// <summary>Answers one sequence number of a NACK. What is missing here too comes by itself when it is recovered.</summary>
    public DropReason Retransmit(ushort sequenceNumber, TimeSpan roundTrip, PeerChannel channel, MonotonicTime now, PacketOutput output)
    {
        var sequence = _highest + (short)(sequenceNumber - (ushort)_highest);
        if (sequence > _highest) return DropReason.NackUnknown; // before the start lie holes that another parent has left
        if (!Track.Log.TryFind(sequence, out var position, out var packet)) return DropReason.NackTooOld;
        var copies = _limiter.Grant(sequence, packet.PayloadLength, Octets, roundTrip, now);
        if (copies == 0) return DropReason.NackLimited;
        for (; copies > 0; copies--)
        {
            var length = Build(position, packet, repair: true, channel.Srtp!, output);
            if (length == 0) return DropReason.SendOverwritten;
            output.Commit(channel.Path, length);
            Retransmitted++;
        }

        return DropReason.None;
    }

    /// <summary>The child wants a keyframe: one more wish for the one budget of the track.</summary>
    public void WantKeyframe()
    {
        if (Track.Keyframes.Want()) _publication.WakePublisher();
    }

    /// <summary>Passes on the origin's sender report as it is; the counts are those of this link.</summary>
    /// <returns>Its length; 0 when there is none, or none that is new and none is due.</returns>
    public int WriteSenderReport(Span<byte> destination, bool isDue)
    {
        if (!Track.Clock.TryRead(out var pair) || (pair == _reported && !isDue)) return 0;
        _reported = pair;
        return RtcpWriter.SenderReport(destination, Ssrc, pair.NtpTimestamp, pair.RtpTimestamp, (uint)Packets, (uint)Octets, default);
    }

    private int Build(long position, in LoggedPacket packet, bool repair, SrtpSender srtp, PacketOutput output)
    {
        var slot = output.Reserve(
            RtpHeader.FixedLength + HeaderExtensionWriter.HeadLength + (2 * packet.ExtensionLength) + 4
            + RtxPayload.OverheadLength + packet.PayloadLength + SrtpLimits.MaxRtpOverhead);

        var extensionLength = 0;
        if (packet.ExtensionLength > 0)
        {
            Span<byte> stored = stackalloc byte[MaxStoredExtensions];
            if (packet.ExtensionLength > stored.Length || !Track.Log.TryCopyExtensions(position, packet, stored)) return 0;
            var writer = new HeaderExtensionWriter(slot[RtpHeader.FixedLength..], RelayProtocol.Extensions, twoByte: true);
            ForwardableExtensions.CopyTo(stored[..packet.ExtensionLength], ref writer);
            extensionLength = writer.Finish();
        }

        var end = RtpHeader.FixedLength + extensionLength;
        if (repair)
        {
            RtxPayload.Write(slot[end..], (ushort)packet.ExtendedSequenceNumber);
            end += RtxPayload.OverheadLength;
        }

        if (!Track.Log.TryCopyPayload(position, packet, slot[end..])) return 0;
        end += packet.PayloadLength;

        var sequence = repair ? _rtxSequence++ : packet.ExtendedSequenceNumber - Base;
        RtpHeader.Write(
            slot,
            packet.Marker,
            repair ? RelayProtocol.RtxPayloadType : RelayProtocol.PayloadType,
            (ushort)sequence,
            packet.Timestamp,
            repair ? Ssrc + 1 : Ssrc,
            extensionLength > 0,
            padding: false);
        return srtp.ProtectRtp(slot, RtpHeader.FixedLength + extensionLength, end, (uint)(sequence >> 16));
    }

    /// <summary>The oldest position from which on nothing older than a sequence number has to be sent.</summary>
    private bool TryFindFrom(long sequence, long head, out long position)
    {
        var log = Track.Log;
        if (log.TryFind(sequence, out position, out _)) return true;
        position = head;
        for (var at = head - 1; log.TryGet(at, out var packet); at--)
        {
            if (packet.ExtendedSequenceNumber >= sequence) position = at;
            else if (!packet.IsLate) return true;
        }

        // All that is there is newer: what came before is gone.
        return position < head && log.TryGet(position, out var oldest) && oldest.ExtendedSequenceNumber - sequence < NackReach;
    }

    /// <summary>Where a newcomer begins: at the last keyframe if that is not too old, so that the child has a cache at once; else with what comes.</summary>
    private long FindStart(long head, MonotonicTime now)
    {
        var keyframe = Track.KeyframePosition;
        if (Track.Kind != MediaKind.Video || keyframe < 0 || !Track.Log.TryGet(keyframe, out var packet)) return head;
        return now - packet.ReceivedAt <= PacketLog.JoinWindow ? keyframe : head;
    }

    private long NextSequence(long head)
    {
        if (_cursor < head && Track.Log.TryGet(_cursor, out var packet)) return packet.ExtendedSequenceNumber;
        return Track.Log.TryGet(head - 1, out var newest) ? newest.ExtendedSequenceNumber + 1 : 0;
    }
}
