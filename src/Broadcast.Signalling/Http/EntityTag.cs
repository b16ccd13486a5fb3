namespace Broadcast.Signalling.Http;

/// <summary>Strong entity-tags of ICE sessions and the If-Match header (RFC 9110 §8.8.3, §13.1.1).</summary>
public static class EntityTag
{
    /// <summary>What an If-Match header says about the current tag.</summary>
    public enum Match
    {
        /// <summary>No header: 428.</summary>
        Missing,

        /// <summary>Another tag, or a weak one: 412.</summary>
        Stale,

        /// <summary>The current tag is listed.</summary>
        Current,

        /// <summary>The star: any ICE session, as for a restart (RFC 9725 §4.3.3).</summary>
        Any,
    }

    /// <summary>The tag of an ICE session: its local username fragment, which is new and random for each.</summary>
    public static string ForIceSession(string usernameFragment) => $"\"{usernameFragment}\"";

    /// <summary>Compares strongly. The star counts bare and quoted, since clients send both.</summary>
    public static Match Compare(string? ifMatch, string current)
    {
        var rest = ifMatch.AsSpan().Trim();
        if (rest.IsEmpty)
            return Match.Missing;
        foreach (var range in rest.Split(','))
        {
            var tag = rest[range].Trim();
            if (tag is "*" or "\"*\"")
                return Match.Any;
            if (tag.SequenceEqual(current))
                return Match.Current;
        }

        return Match.Stale;
    }
}
