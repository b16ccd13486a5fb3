using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>Writes a problem document as the response.</summary>
public static class ProblemWriter
{
    /// <summary>Answers with the problem's status, and <c>Retry-After</c> in whole seconds when given.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem, TimeSpan? retryAfter = null)
    {
        var response = context.Response;
        response.StatusCode = problem.Status;
        response.ContentType = MediaTypes.Problem;
        response.Headers.CacheControl = "no-store";
        if (retryAfter is { } wait)
            response.Headers.RetryAfter = Seconds(wait).ToString(CultureInfo.InvariantCulture);
        if (HttpMethods.IsHead(context.Request.Method))
            return Task.CompletedTask;

        var body = JsonSerializer.SerializeToUtf8Bytes(problem, SignallingJson.Default.Problem);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }

    // Retry-After: 0 would be an invitation to hammer.
    private static long Seconds(TimeSpan wait) => Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
}
