using System.Text;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>Writes a text body straight into the response's pipe.</summary>
internal static class TextResponse
{
    public static async Task WriteAsync(HttpContext context, string mediaType, string text)
    {
        var response = context.Response;
        response.ContentType = mediaType;
        response.ContentLength = Encoding.UTF8.GetByteCount(text);
        Encoding.UTF8.GetBytes(text, response.BodyWriter);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
