using System.Globalization;
using System.Text;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;

namespace Broadcast.Signalling.Events;

/// <summary>Text of server-sent events; each event's data is one line of JSON (draft-ietf-wish-whep-03 §4.9.1).</summary>
internal static class EventWriter
{
    public const string KeepAlive = ": keep-alive\n\n";

    /// <summary>Appends what is due, with data from the latest state of stream and session.</summary>
    public static void Append(StringBuilder text, EventSet due, StreamSnapshot? stream, SessionResource session)
    {
        if (due.Has(StreamEventKind.Active))
            text.Append("event: active\ndata: {}\n\n");
        if (due.Has(StreamEventKind.Inactive))
            text.Append("event: inactive\ndata: {}\n\n");
        if (due.Has(StreamEventKind.Layers) && stream is not null)
            AppendLayers(text, LayersData.Of(stream, session.Layer), session.VideoIndex);
        if (due.Has(StreamEventKind.ViewerCount) && stream is not null)
            text.Append(CultureInfo.InvariantCulture, $"event: viewercount\ndata: {{\"viewercount\":{stream.Viewers}}}\n\n");
        if (due.Has(StreamEventKind.Reconnect))
            text.Append("event: reconnect\ndata: {}\n\n");
    }

    private static void AppendLayers(StringBuilder text, LayersData data, int videoIndex)
    {
        var json = JsonSerializer.Serialize(data, LayersJson.Default.LayersData);
        text.Append(CultureInfo.InvariantCulture, $"event: layers\ndata: {{\"{videoIndex}\":{json}}}\n\n");
    }
}
