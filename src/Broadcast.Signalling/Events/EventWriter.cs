using System.Globalization;
using System.Text;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;

namespace Broadcast.Signalling.Events;

/// <summary>Text of server-sent events; each event's data is one line of JSON (draft-ietf-wish-whep-03 §4.9.1).</summary>
internal static class EventWriter
{
    public const string KeepAlive = ": keep-alive\n\n";

    /// <summary>Appends what is due, with data from the stream's latest state.</summary>
    public static void Append(StringBuilder text, EventSet due, StreamSnapshot? stream, int videoIndex)
    {
        if (due.Has(StreamEventKind.Active))
            text.Append("event: active\ndata: {}\n\n");
        if (due.Has(StreamEventKind.Inactive))
            text.Append("event: inactive\ndata: {}\n\n");
        if (due.Has(StreamEventKind.Layers) && stream is not null)
            AppendLayers(text, stream, videoIndex);
        if (due.Has(StreamEventKind.ViewerCount) && stream is not null)
            text.Append(CultureInfo.InvariantCulture, $"event: viewercount\ndata: {{\"viewercount\":{stream.Viewers}}}\n\n");
        if (due.Has(StreamEventKind.Reconnect))
            text.Append("event: reconnect\ndata: {}\n\n");
    }

    private static void AppendLayers(StringBuilder text, StreamSnapshot stream, int videoIndex)
    {
        text.Append(CultureInfo.InvariantCulture, $"event: layers\ndata: {{\"{videoIndex}\":[");
        var first = true;
        foreach (var track in stream.Tracks)
        {
            if (track.Kind != MediaKind.Video)
                continue;
            if (!first)
                text.Append(',');
            first = false;
            text.Append("{\"spatialLayerId\":0,\"temporalLayerId\":0");
            text.Append(CultureInfo.InvariantCulture, $",\"bitrate\":{track.BitsPerSecond}");
            if (track is { Width: > 0, Height: > 0 })
                text.Append(CultureInfo.InvariantCulture, $",\"width\":{track.Width},\"height\":{track.Height}");
            text.Append('}');
        }

        text.Append("]}\n\n");
    }
}
