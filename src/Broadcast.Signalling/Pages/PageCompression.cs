using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;

namespace Broadcast.Signalling.Pages;

/// <summary>Compresses the text of the pages on its way, by Brotli or gzip as the browser likes.</summary>
/// <remarks>
/// Only files as they are in the folder: in what is made for a caller the length would tell what it shares with what the caller has sent (BREACH).
/// A compressed file is another representation than the plain one, and has another entity tag (RFC 9110 §8.8.3).
/// </remarks>
internal static class PageCompression
{
    private const string TagEnd = "\"";
    private const string CompressedTagEnd = "-c\"";

    private static readonly string[] Extensions = [".js", ".css", ".html", ".svg"];

    public static void Configure(ResponseCompressionOptions options)
    {
        options.EnableForHttps = true;
        options.MimeTypes = ["text/javascript", "text/css", "text/html", "image/svg+xml"];
        options.Providers.Add(new BrotliCompressionProvider(new BrotliCompressionProviderOptions { Level = CompressionLevel.Optimal }));
        options.Providers.Add(new GzipCompressionProvider(new GzipCompressionProviderOptions { Level = CompressionLevel.Optimal }));
    }

    /// <summary>Must come right before the files.</summary>
    public static void UsePageCompression(this IApplicationBuilder app) => app.UseWhen(IsPage, branch =>
    {
        branch.Use((context, next) =>
        {
            var known = context.Request.Headers.IfNoneMatch;
            if (known.Count > 0) context.Request.Headers.IfNoneMatch = known.ToString().Replace(CompressedTagEnd, TagEnd, StringComparison.Ordinal);
            context.Response.OnStarting(MarkTag, context.Response);
            return next(context);
        });
        branch.UseResponseCompression();
    });

    private static bool IsPage(HttpContext context) => Extensions.Any(extension => context.Request.Path.Value!.EndsWith(extension, StringComparison.Ordinal));

    private static Task MarkTag(object state)
    {
        var headers = ((HttpResponse)state).Headers;
        if (headers.ContentEncoding.Count > 0 && headers.ETag.ToString() is { Length: > 0 } tag) headers.ETag = tag[..^TagEnd.Length] + CompressedTagEnd;
        return Task.CompletedTask;
    }
}
