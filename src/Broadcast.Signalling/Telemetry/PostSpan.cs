using System.Diagnostics;
using Broadcast.Media.Sessions;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Telemetry;

/// <summary>The span of a POST to WHIP or WHEP; nothing when nobody traces.</summary>
/// <remarks>
/// A caller may say of which trace it is part (W3C Trace Context). Whether it is recorded is this node's own decision: strangers
/// could have everything recorded otherwise.
/// </remarks>
internal readonly struct PostSpan : IDisposable
{
    private readonly Activity? _span;
    private readonly HttpContext? _context;

    private PostSpan(Activity? span, HttpContext context) => (_span, _context) = (span, context);

    /// <summary>Begins it as the present one of the calling method.</summary>
    public static PostSpan Begin(HttpContext context, SessionKind kind)
    {
        if (!SignallingTraces.Source.HasListeners()) return default;
        ActivityContext.TryParse(context.Request.Headers.TraceParent, traceState: null, isRemote: true, out var caller);
        Activity.Current = null;
        var span = SignallingTraces.Source.StartActivity(kind == SessionKind.Publisher ? SignallingTraces.Publish : SignallingTraces.Watch, ActivityKind.Server, caller);
        return new PostSpan(span, context);
    }

    /// <summary>Names the stream once the caller has been admitted to it.</summary>
    public void SetStream(string stream) => _span?.SetTag("broadcast.stream", stream);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_span is null) return;
        var status = _context!.Response.StatusCode;
        _span.SetTag("http.request.method", "POST").SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError) _span.SetStatus(ActivityStatusCode.Error);
        _span.Dispose();
    }
}
