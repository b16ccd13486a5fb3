using Broadcast.Media.Layers;
using Broadcast.Media.Routing;

namespace Broadcast.Media.Rewrite;

/// <summary>How one stretch of a viewer's stream maps onto a source: constant offsets from an anchor on.</summary>
/// <remarks>
/// Offsets, not running counters: packets that come out of order keep their order, holes stay visible to the viewer
/// and a NACK maps back exactly.
/// </remarks>
/// <param name="Track">The source.</param>
/// <param name="Epoch">The publication it belongs to.</param>
/// <param name="FirstSource">Extended source sequence number of the anchor; earlier packets do not belong to this stretch.</param>
/// <param name="FirstSent">Extended sequence number of the first packet sent: the anchor, or the lead-in where there is one.</param>
/// <param name="TimestampOffset">Sent timestamp minus source timestamp, modulo 2^32.</param>
/// <param name="PictureIdOffset">Sent picture id, or AV1 frame number, minus the source's at the anchor, modulo 2^16.</param>
/// <param name="Tl0PictureIndexOffset">Sent TL0PICIDX minus the source's, modulo 2^8.</param>
public readonly record struct SourceMapping(
    SourceTrack Track,
    int Epoch,
    long FirstSource,
    long FirstSent,
    uint TimestampOffset,
    ushort PictureIdOffset,
    byte Tl0PictureIndexOffset)
{
    /// <summary>Extended sequence number of the last packet sent of this stretch; open while it is the one in force.</summary>
    public long LastSent { get; init; } = long.MaxValue;

    /// <summary>Payload of a packet that the source did not send, put before the anchor; empty for none.</summary>
    public ReadOnlyMemory<byte> LeadIn { get; init; }

    /// <summary>Source timestamp of the anchor, which the lead-in shares.</summary>
    public uint LeadInTimestamp { get; init; }

    /// <summary>The layers forwarded at the anchor.</summary>
    public LayerSelection Selection { get; init; } = LayerSelection.All;

    /// <summary>True when packets were left out or restamped: then <see cref="SentRuns"/> knows where they went.</summary>
    public bool HasRuns { get; init; }

    /// <summary>True when <paramref name="sent"/> is the number of the lead-in.</summary>
    public bool IsLeadIn(long sent) => !LeadIn.IsEmpty && sent == FirstSent;

    /// <summary>The extended sequence number under which a source packet is sent.</summary>
    public long ToSent(long source) => source - FirstSource + FirstSent + LeadInCount;

    /// <summary>The extended source sequence number behind a sent one other than the lead-in's.</summary>
    public long ToSource(long sent) => sent - FirstSent - LeadInCount + FirstSource;

    /// <summary>Where a source packet is placed while nothing is left out or restamped.</summary>
    public Placement Place(long source) => new(ToSent(source), TimestampOffset, PictureIdOffset, Selection);

    /// <summary>True when a packet's running numbers must be patched.</summary>
    public bool ShiftsCounters(in Placement placement) => placement.PictureIdOffset != 0 || Tl0PictureIndexOffset != 0;

    private int LeadInCount => LeadIn.IsEmpty ? 0 : 1;
}
