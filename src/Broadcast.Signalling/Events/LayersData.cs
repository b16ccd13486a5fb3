using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.Signalling.Events;

/// <summary>What the layers event says of the video ("layers event" of draft-murillo-whep-02 to draft-ietf-wish-whep-01).</summary>
/// <remarks>
/// That is the shape which players read. Later drafts have a bare array of layers, which leaves no place for what this
/// session gets; their member <c>rid</c> is here beside <c>encodingId</c>.
/// </remarks>
/// <param name="Active">Qualities that the publisher sends, the best first.</param>
/// <param name="Inactive">Qualities that it announced but does not send now.</param>
/// <param name="Layers">Everything that can be asked for, each temporal layer by itself.</param>
/// <param name="Selected">What this session gets; absent before its first picture. Not in any draft.</param>
internal sealed record LayersData(
    IReadOnlyList<LayerEntry> Active, IReadOnlyList<LayerEntry> Inactive, IReadOnlyList<LayerEntry> Layers, SelectedLayer? Selected)
{
    public static LayersData Of(StreamSnapshot stream, LayerInUse? inUse)
    {
        var best = new List<LayerSnapshot>();
        foreach (var track in stream.Tracks)
        {
            if (track.Kind == MediaKind.Video)
                best.AddRange(track.Layers.Count > 0 ? track.Layers : [Whole(track)]);
        }

        // Numbered from the lowest encoding, listed from the best: as the drafts do it.
        var order = best.Select(layer => layer.Rid).Distinct().ToList();
        best.Reverse();
        return new LayersData(
            [.. best.Where(layer => layer.Active).Select(layer => LayerEntry.Whole(layer, order))],
            [.. best.Where(layer => !layer.Active).Select(layer => LayerEntry.Whole(layer, order))],
            [.. best.Where(layer => layer.Active).SelectMany(layer => LayerEntry.Parts(layer, order))],
            SelectedLayer.Of(inUse));
    }

    // A track whose layers are not known yet has at least itself.
    private static LayerSnapshot Whole(TrackSnapshot track) =>
        new("", 0, 1, track.Width, track.Height, track.FramesPerSecond, track.BitsPerSecond, Active: true);
}

/// <summary>One layer; what is unknown is left out.</summary>
/// <param name="Id">The RID by its name in "active" and "inactive".</param>
/// <param name="EncodingId">The RID by its name in "layers".</param>
/// <param name="Rid">The RID by its latest name.</param>
/// <param name="SimulcastIdx">Place of the encoding among all, from the lowest.</param>
/// <param name="SpatialLayerId">The spatial layer.</param>
/// <param name="TemporalLayerId">The temporal layer.</param>
/// <param name="Bitrate">Bits per second with all temporal layers.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Fps">Frames per second with all temporal layers.</param>
internal sealed record LayerEntry(
    string? Id, string? EncodingId, string? Rid, int? SimulcastIdx, int SpatialLayerId, int? TemporalLayerId, long? Bitrate, int? Width, int? Height, double? Fps)
{
    public static LayerEntry Whole(LayerSnapshot layer, List<string> order)
    {
        var rid = layer.Rid.Length > 0 ? layer.Rid : null;
        return new LayerEntry(
            rid,
            rid,
            null,
            rid is null ? null : order.IndexOf(rid),
            layer.SpatialId,
            null,
            layer.Active ? layer.BitsPerSecond : null,
            Known(layer.Width),
            Known(layer.Height),
            layer.Active ? Math.Round(layer.FramesPerSecond, 1) : null);
    }

    public static IEnumerable<LayerEntry> Parts(LayerSnapshot layer, List<string> order)
    {
        var whole = Whole(layer, order);
        var part = whole with { Id = null, Rid = whole.EncodingId };
        // Rates are measured with all temporal layers, so the highest alone has them.
        for (var temporal = layer.TemporalLayers - 1; temporal >= 0; temporal--)
        {
            yield return temporal == layer.TemporalLayers - 1
                ? part with { TemporalLayerId = temporal }
                : part with { TemporalLayerId = temporal, Bitrate = null, Fps = null };
        }
    }

    private static int? Known(int pixels) => pixels > 0 ? pixels : null;
}

/// <summary>The quality that a session gets.</summary>
/// <param name="EncodingId">The RID; absent without simulcast.</param>
/// <param name="SpatialLayerId">The spatial layer.</param>
/// <param name="TemporalLayerId">The highest temporal layer sent.</param>
/// <param name="Width">Pixels; absent when unknown.</param>
/// <param name="Height">Pixels; absent when unknown.</param>
/// <param name="Automatic">False when the viewer chose an exact layer.</param>
/// <param name="Paused">No video is sent for want of bandwidth.</param>
/// <param name="Limit">Why it is not better: "none", "viewer", "bandwidth", "node", "policy", "proof" or "keyframe".</param>
internal sealed record SelectedLayer(
    string? EncodingId, int SpatialLayerId, int TemporalLayerId, int? Width, int? Height, bool Automatic, bool Paused, string Limit)
{
    public static SelectedLayer? Of(LayerInUse? layer) => layer is null ? null : new(
        layer.Rid.Length > 0 ? layer.Rid : null,
        layer.SpatialId,
        layer.TemporalId,
        layer.Width > 0 ? layer.Width : null,
        layer.Height > 0 ? layer.Height : null,
        layer.Automatic,
        layer.Paused,
        Api.LayerNames.Of(layer.Limit));
}

/// <summary>The serializer of the layers event: absent is shorter than null, and this goes to every viewer.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LayersData))]
internal sealed partial class LayersJson : JsonSerializerContext;
