using System.Text;
using System.Text.Json;
using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Events;

/// <summary>A set of event kinds, one bit each.</summary>
internal readonly record struct EventSet(int Bits)
{
    public static readonly EventSet None;

    public static readonly EventSet All = Of(StreamEventKind.Active)
        .With(StreamEventKind.Inactive).With(StreamEventKind.Layers).With(StreamEventKind.Reconnect).With(StreamEventKind.ViewerCount);

    public static EventSet Of(StreamEventKind kind) => new(1 << (int)kind);

    public EventSet With(StreamEventKind kind) => new(Bits | Of(kind).Bits);

    public bool Has(StreamEventKind kind) => (Bits & Of(kind).Bits) != 0;
}

/// <summary>Names of the server-sent events of WHEP (draft-ietf-wish-whep-03 §4.9.1).</summary>
internal static class EventNames
{
    /// <summary>End of the Link that advertises the extension, after the session's path.</summary>
    public const string LinkTail =
        "/events>; rel=\"urn:ietf:params:whep:ext:core:server-sent-events\"; events=\"active,inactive,layers,reconnect,viewercount\"";

    public static bool TryGet(string? name, out StreamEventKind kind)
    {
        (kind, var known) = name switch
        {
            "active" => (StreamEventKind.Active, true),
            "inactive" => (StreamEventKind.Inactive, true),
            "layers" => (StreamEventKind.Layers, true),
            "reconnect" => (StreamEventKind.Reconnect, true),
            "viewercount" => (StreamEventKind.ViewerCount, true),
            _ => (default, false),
        };
        return known;
    }

    /// <summary>Reads a JSON array of event names; an empty text stands for all of them.</summary>
    public static bool TryParse(string json, out EventSet events)
    {
        events = EventSet.None;
        if (string.IsNullOrWhiteSpace(json))
        {
            events = EventSet.All;
            return true;
        }

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                if (!TryGet(reader.GetString(), out var kind))
                    return false;
                events = events.With(kind);
            }

            return reader.TokenType == JsonTokenType.EndArray && !reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
