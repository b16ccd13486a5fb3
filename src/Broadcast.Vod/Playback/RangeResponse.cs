using Broadcast.Signalling.Http;
using Broadcast.Vod.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Broadcast.Vod.Playback;

/// <summary>Something of which parts can be asked for.</summary>
/// <param name="Length">In bytes, now.</param>
/// <param name="MediaType">With its codecs.</param>
/// <param name="EntityTag">Strong; null for what still grows.</param>
/// <param name="CacheControl">As the header says it.</param>
/// <param name="Open">Opens a part of it by offset and length; null when it is gone.</param>
/// <param name="Download">The name under which it is kept; null for playing.</param>
internal sealed record MediaBody(
    long Length, string MediaType, string? EntityTag, string CacheControl, Func<long, long, CancellationToken, Task<Stream?>> Open, string? Download = null);

/// <summary>Answers with a body or a part of it (RFC 9110 §14).</summary>
/// <remarks>1. headers; 2. is it known already; 3. which part; 4. the bytes. Of several ranges the whole is sent, as §14.2 allows.</remarks>
internal static class RangeResponse
{
    private const int ChunkSize = 128 * 1024;

    public static async Task WriteAsync(HttpContext context, MediaBody body)
    {
        // :: Step 1
        var (request, response) = (context.Request, context.Response);
        var headers = response.Headers;
        headers.AcceptRanges = "bytes";
        headers.CacheControl = body.CacheControl;
        headers.XContentTypeOptions = "nosniff";
        if (body.EntityTag is { } tag) headers.ETag = tag;

        // :: Step 2
        if (body.EntityTag is not null && IsKnown(request.Headers.IfNoneMatch, body.EntityTag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        // :: Step 3
        long offset = 0, length = body.Length;
        if (WantedRange(request, body.EntityTag) is { } range)
        {
            if (!TryFit(range, body.Length, out offset, out length))
            {
                headers.ContentRange = $"bytes */{body.Length}";
                headers.Remove("ETag");
                await ProblemWriter.WriteAsync(context, Problem.RangeNotSatisfiable($"There are {body.Length} bytes."));
                return;
            }

            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = $"bytes {offset}-{offset + length - 1}/{body.Length}";
        }

        // :: Step 4
        try
        {
            await using var content = length > 0 && HttpMethods.IsGet(request.Method) ? await body.Open(offset, length, context.RequestAborted) : Stream.Null;
            if (content is null)
            {
                Forget(headers);
                await ProblemWriter.WriteAsync(context, Problem.NotFound("The file is gone."));
                return;
            }

            response.ContentType = body.MediaType;
            response.ContentLength = length;
            if (body.Download is { } name)
            {
                var disposition = new ContentDispositionHeaderValue("attachment");
                disposition.SetHttpFileName(name);
                headers.ContentDisposition = disposition.ToString();
            }

            await content.CopyToAsync(response.Body, ChunkSize, context.RequestAborted);
        }
        catch (StoreUnavailableException exception) when (!response.HasStarted)
        {
            Forget(headers);
            await ProblemWriter.WriteAsync(context, Problem.NotNow(exception.Message), TimeSpan.FromSeconds(5));
        }
        catch (Exception exception) when (exception is IOException or StoreUnavailableException && response.HasStarted)
        {
            // Too late to say anything but that it is not whole.
            context.Abort();
        }
    }

    private static void Forget(IHeaderDictionary headers)
    {
        headers.Remove("ETag");
        headers.Remove("Content-Range");
        headers.Remove("Accept-Ranges");
    }

    private static bool IsKnown(StringValues ifNoneMatch, string entityTag)
    {
        if (ifNoneMatch.Count == 0 || !EntityTagHeaderValue.TryParseList(ifNoneMatch, out var known)) return false;
        var own = EntityTagHeaderValue.Parse(entityTag);
        return known.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(own, useStrongComparison: false));
    }

    /// <summary>The one range that is asked for; null when the whole is to be sent.</summary>
    private static RangeItemHeaderValue? WantedRange(HttpRequest request, string? entityTag)
    {
        // A range means something with GET only (§14.2).
        if (!HttpMethods.IsGet(request.Method) || request.Headers.Range.Count == 0) return null;
        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var ranges) || ranges.Unit != "bytes" || ranges.Ranges.Count != 1) return null;
        // If-Range compares strongly, and by tag only: there is no date to compare with.
        string? ifRange = request.Headers.IfRange;
        return ifRange is null || (entityTag is not null && ifRange == entityTag) ? ranges.Ranges.First() : null;
    }

    private static bool TryFit(RangeItemHeaderValue range, long all, out long offset, out long length)
    {
        (offset, length) = (0, 0);
        if (range.From is { } from)
        {
            if (from >= all) return false;
            offset = from;
            length = Math.Min(range.To ?? all - 1, all - 1) - from + 1;
            return true;
        }

        // "bytes=-n": the last n.
        var last = Math.Min(range.To ?? 0, all);
        offset = all - last;
        length = last;
        return last > 0;
    }
}
