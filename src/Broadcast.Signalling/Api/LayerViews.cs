using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Api;

/// <summary>One quality of a published track in the REST interface.</summary>
/// <param name="Rid">The simulcast encoding; empty without simulcast.</param>
/// <param name="SpatialLayerId">The spatial layer within the encoding, from 0.</param>
/// <param name="TemporalLayers">How many temporal layers it has.</param>
/// <param name="Width">Pixels; 0 when unknown.</param>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="FramesPerSecond">With all temporal layers, over the last second.</param>
/// <param name="BitsPerSecond">What a viewer of this quality gets.</param>
/// <param name="Active">False while the publisher does not send it.</param>
public sealed record LayerView(
    string Rid, int SpatialLayerId, int TemporalLayers, int Width, int Height, double FramesPerSecond, long BitsPerSecond, bool Active)
{
    internal static LayerView Of(LayerSnapshot layer) => new(
        layer.Rid, layer.SpatialId, layer.TemporalLayers, layer.Width, layer.Height, layer.FramesPerSecond, layer.BitsPerSecond, layer.Active);
}

/// <summary>The quality that a viewer gets, in the REST interface.</summary>
/// <param name="Rid">The simulcast encoding; empty without simulcast.</param>
/// <param name="SpatialLayerId">The spatial layer.</param>
/// <param name="TemporalLayerId">The highest temporal layer sent.</param>
/// <param name="Width">Pixels; 0 when unknown.</param>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="Automatic">False when the viewer chose an exact layer.</param>
/// <param name="Paused">True when no video is sent for want of bandwidth.</param>
/// <param name="Limit">Why it is not better: "none", "viewer", "bandwidth", "node", "policy", "proof" or "keyframe".</param>
public sealed record LayerInUseView(
    string Rid, int SpatialLayerId, int TemporalLayerId, int Width, int Height, bool Automatic, bool Paused, string Limit)
{
    internal static LayerInUseView? Of(LayerInUse? layer) => layer is null ? null : new(
        layer.Rid, layer.SpatialId, layer.TemporalId, layer.Width, layer.Height, layer.Automatic, layer.Paused, LayerNames.Of(layer.Limit));
}

/// <summary>Names of layer limits in JSON.</summary>
internal static class LayerNames
{
    public static string Of(LayerLimit limit) => limit switch
    {
        LayerLimit.None => "none",
        LayerLimit.Viewer => "viewer",
        LayerLimit.Bandwidth => "bandwidth",
        LayerLimit.Node => "node",
        LayerLimit.Policy => "policy",
        LayerLimit.Proof => "proof",
        _ => "keyframe",
    };
}
