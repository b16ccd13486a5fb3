using Broadcast.Media.Receive;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Media.Relay;

/// <summary>One SSRC of a transport at the child's end: which track it is, and how its numbers become those of the origin.</summary>
/// <param name="inbound">Where it leads.</param>
/// <param name="parent">Whose link it belongs to.</param>
/// <param name="track">The receiving side, which two parents may feed at once.</param>
/// <param name="told">What the parent says of it.</param>
internal sealed class RelayWire(RelayInbound inbound, RelayParent parent, ReceiveTrack track, RelayTrack told)
{
    /// <summary>The extended number on the wire begins within the first rollover.</summary>
    private readonly long _base = told.Start & ~0xFFFFL;

    private long _highest = told.Start & 0xFFFF;
    private ReceiveStatistics _statistics = new(track.Source.ClockRateHz);

    /// <summary>Where it leads.</summary>
    public RelayInbound Inbound => inbound;

    /// <summary>On the wire.</summary>
    public uint Ssrc => told.Ssrc;

    /// <summary>Packets that came, repairs included.</summary>
    public long Packets { get; private set; }

    /// <summary>The newest that came by this wire, extended as at the origin; one before the start when nothing came.</summary>
    public long Newest { get; private set; } = told.Start - 1;

    /// <summary>The statistics of this link: losses of one hop are no other hop's.</summary>
    public ref ReceiveStatistics Statistics => ref _statistics;

    /// <summary>Extends the number that a repair stands for.</summary>
    public long Extend(ushort sequenceNumber) => _highest + (short)(sequenceNumber - (ushort)_highest);

    /// <summary>Takes a packet.</summary>
    public DropReason Take(
        long hopSequence, in RtpPacketView packet, ReadOnlySpan<byte> payload, in HeaderExtensionValues values, MonotonicTime arrival, bool isRepair)
    {
        var sequence = _base + hopSequence;
        if (!isRepair)
        {
            if (hopSequence > _highest) _highest = hopSequence;
            Newest = Math.Max(Newest, sequence);
        }

        Packets++;
        if (sequence >= told.Start) _statistics.OnPacket(hopSequence, packet.Timestamp, arrival, inOrder: false, isRepair);
        parent.OnMedia(arrival);
        return inbound.Take(track, sequence, packet, payload, values, arrival, AgeOf(packet.Timestamp), isRepair);
    }

    /// <summary>
    /// How long ago a packet came to the parent when it began to send: what it had in store comes at once, and newcomers here must
    /// not take it for the pace of the media.
    /// </summary>
    private TimeSpan AgeOf(uint timestamp)
    {
        if (told.StartAge <= 0) return TimeSpan.Zero;
        var since = (int)(timestamp - told.StartTimestamp) * 1000L / track.Source.ClockRateHz;
        return TimeSpan.FromMilliseconds(Math.Clamp(told.StartAge - since, 0, told.StartAge));
    }

    /// <summary>Takes the origin's sender report.</summary>
    public void TakeSenderReport(ulong ntpTimestamp, uint rtpTimestamp, MonotonicTime now) => track.HandleSenderReport(ntpTimestamp, rtpTimestamp, now);
}
