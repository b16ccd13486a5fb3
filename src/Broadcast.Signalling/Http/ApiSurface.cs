using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Broadcast.Signalling.Http;

/// <summary>What all of /whip, /whep, /api and what is below /vod/{id} share: CORS (Fetch standard), preflights, and problem documents for bare errors.</summary>
/// <remarks>Runs before routing. One string comparison for every other path.</remarks>
internal sealed partial class ApiSurface(RequestDelegate next, Live<SignallingOptions> live, ILogger<ApiSurface> log)
{
    private const string AllowedMethods = "OPTIONS, GET, HEAD, POST, PATCH, DELETE";
    private const string AllowedHeaders = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range, If-Range, Traceparent";
    private const string ExposedHeaders = "Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, Accept-Ranges, Content-Range";
    private const string PreflightSeconds = "86400";

    /// <summary>True for paths that belong to the API rather than to pages.</summary>
    public static bool Contains(PathString path) =>
        path.StartsWithSegments("/whep") || path.StartsWithSegments("/whip") || path.StartsWithSegments("/api")
        || RecordingPath.IsBelow(path.Value);

    public Task InvokeAsync(HttpContext context) =>
        Contains(context.Request.Path) ? AnswerAsync(context) : next(context);

    private async Task AnswerAsync(HttpContext context)
    {
        AllowOrigin(context);
        Protect(context);
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            Describe(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            RequestFailed(log, exception, context.Request.Method, context.Request.Path);
            context.Response.Clear();
            AllowOrigin(context);
            Protect(context);
            context.Response.StatusCode = exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        }

        var response = context.Response;
        if (response.StatusCode >= 400 && !response.HasStarted && response.ContentType is null)
            await ProblemWriter.WriteAsync(context, Problem.ForStatus(response.StatusCode));
    }

    // Answers carry tokens, ICE passwords and what one caller may see: nobody keeps them. Files of recordings say themselves how long.
    private static void Protect(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        if (!RecordingPath.IsBelow(context.Request.Path.Value)) headers.CacheControl = "no-store";
    }

    private void AllowOrigin(HttpContext context)
    {
        var headers = context.Response.Headers;
        var options = live.Value;
        if (options.AllowedOrigins.Count == 0)
        {
            headers.AccessControlAllowOrigin = "*";
        }
        else
        {
            headers.Vary = "Origin";
            string? origin = context.Request.Headers.Origin;
            if (origin is null || !options.AllowedOrigins.Contains(origin))
                return;
            headers.AccessControlAllowOrigin = origin;
        }

        headers.AccessControlExposeHeaders = ExposedHeaders;
    }

    // Answered without a token: browsers send none on a preflight. No ICE servers either, they are for callers who may connect.
    private static void Describe(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = AllowedMethods;
        headers.AccessControlAllowHeaders = AllowedHeaders;
        headers.AccessControlMaxAge = PreflightSeconds;
        headers.Allow = AllowedMethods;
        var path = context.Request.Path.Value!;
        var depth = path.AsSpan().TrimEnd('/').Count('/');
        if (path.StartsWith("/api", StringComparison.OrdinalIgnoreCase) || RecordingPath.IsBelow(path))
            return;
        if (depth == 2)
            headers["Accept-Post"] = new StringValues(MediaTypes.Sdp);
        else if (depth == 3)
            headers["Accept-Patch"] = new StringValues(MediaTypes.SdpFragment);
        else if (depth == 4)
            headers["Accept-Post"] = new StringValues(MediaTypes.Json);
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);
}
