using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Vod.Api;

/// <summary>Reads a small JSON object.</summary>
internal static class JsonBody
{
    private const int MaxLength = 16 * 1024;

    /// <summary>The body, or what the caller is told instead.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">Of the body.</param>
    /// <param name="rule">What a caller is told of a body that is none.</param>
    public static async ValueTask<(T? Value, IResult? Refusal)> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type, string rule)
        where T : class
    {
        if (!MediaTypes.Matches(context.Request, MediaTypes.Json)) return (null, Answer.Problem(Problem.UnsupportedMediaType(rule)));
        if (await RequestBody.ReadAsync(context, MaxLength) is not { } text) return (null, Results.Empty);
        try
        {
            return JsonSerializer.Deserialize(text, type) is { } value ? (value, null) : (null, Answer.Problem(Problem.BadRequest(rule)));
        }
        catch (JsonException)
        {
            return (null, Answer.Problem(Problem.BadRequest(rule)));
        }
    }
}
