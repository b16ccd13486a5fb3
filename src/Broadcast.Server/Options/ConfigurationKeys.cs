using Broadcast.Recording.Finishing;
using Broadcast.Recording.Policy;
using Broadcast.Server.Telemetry;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Webhooks;
using Broadcast.Usage;
using Broadcast.Vod;

namespace Broadcast.Server.Options;

/// <summary>Every key that means something, found in the option classes.</summary>
internal static class ConfigurationKeys
{
    private const string Root = "Broadcast";

    /// <summary>The sections below <c>Broadcast</c> and what reads them; "" is the section itself.</summary>
    public static readonly IReadOnlyDictionary<string, Type> Sections = new Dictionary<string, Type>(StringComparer.OrdinalIgnoreCase)
    {
        [""] = typeof(ServerOptions),
        ["Auth"] = typeof(AuthOptions),
        ["Watch"] = typeof(WatchOptions),
        ["Quality"] = typeof(QualityOptions),
        ["Recording"] = typeof(RecordingOptions),
        ["IceServers"] = typeof(IceServerOptions),
        ["RateLimit"] = typeof(RateLimitOptions),
        ["Limits"] = typeof(LimitOptions),
        ["Http"] = typeof(SignallingOptions),
        ["Vod"] = typeof(VodOptions),
        ["Usage"] = typeof(UsageOptions),
        ["Webhooks"] = typeof(WebhookOptions),
        ["Log"] = typeof(LogOptions),
        ["Telemetry"] = typeof(TelemetryOptions),
        ["Ffmpeg"] = typeof(FfmpegWorkshopOptions),
    };

    /// <summary>A sentence for each key below <c>Broadcast</c> that nothing reads, with the nearest one that something does.</summary>
    public static IEnumerable<string> Unknown(IReadOnlyDictionary<string, Setting> settings) =>
        from pair in settings
        let segments = pair.Key.Split(':')
        where string.Equals(segments[0], Root, StringComparison.OrdinalIgnoreCase)
        let fault = Fault(segments)
        where fault is not null
        orderby pair.Key
        select $"{pair.Value.Source}: {fault}";

    // The first segment that leads nowhere, in a sentence.
    private static string? Fault(string[] segments)
    {
        if (segments.Length == 1) return null;
        var path = segments[1];
        if (Sections.TryGetValue(segments[1], out var section) && segments[1].Length > 0) return Fault(section, segments.AsSpan(2), path);
        if (Property(typeof(ServerOptions), segments[1]) is { } type) return Fault(type, segments.AsSpan(2), path);
        return Sentence(path, segments[1], Names(typeof(ServerOptions)).Concat(Sections.Keys.Where(name => name.Length > 0)));
    }

    private static string? Fault(Type type, ReadOnlySpan<string> rest, string path)
    {
        while (!rest.IsEmpty)
        {
            var next = rest[0];
            var element = type.IsGenericType && type.GetGenericArguments() is [.., var last] && Nullable.GetUnderlyingType(type) is null ? last : null;
            // Entries of a list or of a table by name are the operator's own.
            var found = element ?? Property(type, next);
            if (found is null) return Sentence($"{path}:{next}", next, Names(type));
            (type, path) = (found, $"{path}:{next}");
            rest = rest[1..];
        }

        return null;
    }

    private static Type? Property(Type type, string name) =>
        type.GetProperties().FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))?.PropertyType;

    private static IEnumerable<string> Names(Type type) => type.GetProperties().Select(property => property.Name);

    private static string Sentence(string path, string wrong, IEnumerable<string> names)
    {
        var nearest = names.Select(name => (Name: name, Edits: Edits(wrong.ToUpperInvariant(), name.ToUpperInvariant()))).OrderBy(each => each.Edits).FirstOrDefault();
        return nearest.Name is not null && nearest.Edits <= Math.Max(2, wrong.Length / 3)
            ? $"there is no key {path}. Did you mean {nearest.Name}?"
            : $"there is no key {path}.";
    }

    /// <summary>Letters to insert, remove or change until one word is the other.</summary>
    internal static int Edits(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
