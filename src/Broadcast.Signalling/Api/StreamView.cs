using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.Signalling.Api;

/// <summary>A stream in the REST interface.</summary>
/// <param name="StreamId">The name in its URL.</param>
/// <param name="Active">A publisher is connected and media arrived.</param>
/// <param name="StartedAt">When the present publication became active.</param>
/// <param name="Epoch">Counts publisher sessions of this stream.</param>
/// <param name="Viewers">Connected viewers.</param>
/// <param name="Tracks">Tracks of the present publication.</param>
public sealed record StreamView(string StreamId, bool Active, DateTimeOffset? StartedAt, int Epoch, int Viewers, IReadOnlyList<TrackView> Tracks)
{
    internal static StreamView Of(StreamSnapshot stream) => new(
        stream.StreamId, stream.Active, stream.StartedAt, stream.Epoch, stream.Viewers, [.. stream.Tracks.Select(TrackView.Of)]);
}

/// <summary>One track of a stream in the REST interface.</summary>
/// <param name="Kind">"audio" or "video".</param>
/// <param name="Codec">As in a=rtpmap, for example "VP8" or "opus".</param>
/// <param name="Width">Pixels; 0 when unknown.</param>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="FramesPerSecond">Over the last second; 0 for audio.</param>
/// <param name="BitsPerSecond">Over the last second.</param>
/// <param name="PacketsReceived">Distinct media packets, repaired ones included.</param>
/// <param name="PacketsLost">Never received and given up, or still missing.</param>
/// <param name="PacketsRepaired">Recovered by retransmission.</param>
/// <param name="KeyframeRequests">Sent to the publisher.</param>
/// <param name="Keyframes">Received from the publisher.</param>
/// <param name="Layers">The qualities it is published in, ascending; empty for audio.</param>
public sealed record TrackView(
    string Kind,
    string Codec,
    int Width,
    int Height,
    double FramesPerSecond,
    long BitsPerSecond,
    long PacketsReceived,
    long PacketsLost,
    long PacketsRepaired,
    long KeyframeRequests,
    long Keyframes,
    IReadOnlyList<LayerView> Layers)
{
    internal static TrackView Of(TrackSnapshot track) => new(
        track.Kind == MediaKind.Audio ? "audio" : "video",
        track.Codec.RtpMapName(),
        track.Width,
        track.Height,
        track.FramesPerSecond,
        track.BitsPerSecond,
        track.PacketsReceived,
        track.PacketsLost,
        track.PacketsRepaired,
        track.KeyframeRequests,
        track.Keyframes,
        [.. track.Layers.Select(LayerView.Of)]);
}
