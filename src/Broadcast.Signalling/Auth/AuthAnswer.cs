using System.Text.Json;

namespace Broadcast.Signalling.Auth;

/// <summary>What became of a question to the authorisation webhook.</summary>
internal abstract record AuthAnswer
{
    private const int MaxSubjectLength = 256;
    private const int MaxStreams = 100;

    private AuthAnswer()
    {
    }

    /// <summary>The caller may.</summary>
    /// <param name="Grant">For the stream that was asked about, or for all.</param>
    /// <param name="Streams">What else the answer holds for.</param>
    public sealed record Allowed(Grant Grant, IReadOnlyList<string> Streams) : AuthAnswer;

    /// <summary>The caller may not.</summary>
    /// <param name="IsKnown">True when it is known who it is (403), false when not (401).</param>
    public sealed record Denied(bool IsKnown) : AuthAnswer;

    /// <summary>Nobody knows whether the caller may, so it may not now.</summary>
    public sealed record Unavailable(string Reason) : AuthAnswer;

    /// <summary>Reads the body of a 200: nothing, or {"subject": …, "expires": …, "streams": […]}, each of which may be missing.</summary>
    /// <param name="body">As it came.</param>
    /// <param name="scope">What was asked for.</param>
    /// <param name="stream">For which stream.</param>
    /// <param name="now">To know what is over.</param>
    public static AuthAnswer Read(ReadOnlyMemory<byte> body, TokenScope scope, string stream, DateTimeOffset now)
    {
        if (body.IsEmpty) return new Allowed(new Grant(scope, stream), []);
        try
        {
            using var document = JsonDocument.Parse(body);
            var answer = document.RootElement;
            if (answer.ValueKind != JsonValueKind.Object) return Unreadable("it is no object");
            var subject = answer.TryGetProperty("subject", out var name) && name.ValueKind != JsonValueKind.Null ? name.GetString() : null;
            if (subject is { Length: 0 or > MaxSubjectLength }) return Unreadable("the subject has 1 to 256 characters");
            DateTimeOffset? expires = answer.TryGetProperty("expires", out var end) && end.ValueKind != JsonValueKind.Null ? Time(end) : null;
            if (expires <= now) return new Denied(IsKnown: false);
            string[] streams = answer.TryGetProperty("streams", out var list) && list.ValueKind != JsonValueKind.Null ? [.. list.EnumerateArray().Take(MaxStreams).Select(item => item.GetString() ?? "")] : [stream];
            var all = streams.Contains(Grant.AnyStream);
            if (!all && !streams.Contains(stream)) return new Denied(IsKnown: true);
            return new Allowed(new Grant(scope, all ? Grant.AnyStream : stream, expires) { Subject = subject }, streams);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return Unreadable(exception.Message);
        }
    }

    private static DateTimeOffset Time(JsonElement end) => end.ValueKind == JsonValueKind.Number ? DateTimeOffset.FromUnixTimeSeconds(end.GetInt64()) : end.GetDateTimeOffset();

    private static Unavailable Unreadable(string why) => new($"its answer cannot be read: {why}");
}
