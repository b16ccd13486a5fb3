using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>Media types of the signalling surface.</summary>
public static class MediaTypes
{
    /// <summary>Offers and answers (RFC 8866).</summary>
    public const string Sdp = "application/sdp";

    /// <summary>ICE candidates and credentials (RFC 8840 §9).</summary>
    public const string SdpFragment = "application/trickle-ice-sdpfrag";

    /// <summary>JSON bodies.</summary>
    public const string Json = "application/json";

    /// <summary>Problem documents (RFC 9457).</summary>
    public const string Problem = "application/problem+json";

    /// <summary>Server-sent events.</summary>
    public const string EventStream = "text/event-stream";

    /// <summary>True when the request carries this type, whatever its parameters, and no content coding.</summary>
    public static bool Matches(HttpRequest request, string mediaType)
    {
        if (request.Headers.ContentEncoding.Count > 0 && request.Headers.ContentEncoding != "identity")
            return false;
        var text = request.ContentType.AsSpan();
        var parameters = text.IndexOf(';');
        if (parameters >= 0)
            text = text[..parameters];
        return text.Trim().Equals(mediaType, StringComparison.OrdinalIgnoreCase);
    }
}
