using System.Globalization;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Http;
using Broadcast.Vod.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Retention;
using Broadcast.Vod.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Broadcast.Vod.Playback;

/// <summary>What players load: <c>/vod/{id}/index.json</c>, files and segments.</summary>
/// <remarks>Nothing of a request becomes a path: ids are parsed, names are looked up, numbers are those of the journal.</remarks>
internal sealed class PlaybackEndpoints(
    RecordingAccess access, ICatalogue catalogue, RecordingLedger ledger, RecordingSpool spool, IVodStore store, WatchLog watched, IClusterOperations cluster, NodeIdentity node)
{
    private const string Immutable = "max-age=31536000, immutable";

    /// <summary>Complete segments change no more, but go when the recording is ready.</summary>
    private const string ForAnHour = "max-age=3600";

    private static readonly string[] Reading = ["GET", "HEAD"];
    private static readonly Problem Unknown = Problem.NotFound("There is no such recording.");

    public void Map(IEndpointRouteBuilder routes)
    {
        var vod = routes.MapGroup("/vod/{id}").AddEndpointFilter(VodRoutes.NotNowFilter).ExcludeFromDescription();
        vod.MapMethods("/index.json", Reading, IndexAsync);
        vod.MapMethods("/files/{name}", Reading, FileAsync);
        vod.MapMethods("/segments/{number}", Reading, SegmentAsync);
    }

    private async Task<IResult> IndexAsync(string id, string? since, HttpContext context)
    {
        if (!RecordingId.TryParse(id, out var recording)) return Answer.Problem(Unknown);
        if (!IndexPlace.TryParse(since, out var known)) return Answer.Problem(Problem.BadRequest("\"since\" is the number of a segment and bytes of it, as 2,45000."));
        var (details, history) = await access.FindAsync(recording, context.RequestAborted);
        if ((details?.Recording.Stream ?? history?.Started.StreamId) is not { } stream) return Answer.Problem(Unknown);
        if (!await access.AdmitAsync(context, stream)) return Results.Empty;
        var isInterrupted = details is not null && await new MemberLook(cluster, node).IsInterruptedAsync(details.Recording, context.RequestAborted);
        return Answer.Json(
            context, IndexWriter.Of(context.Request.PathBase, details, history, number => ledger.BoundariesOf(recording, number), isInterrupted, known), VodJson.Default.IndexView);
    }

    private async Task<IResult> FileAsync(string id, string name, HttpContext context)
    {
        if (!RecordingId.TryParse(id, out var parsed) || await catalogue.FindAsync(parsed, context.RequestAborted) is not { } recording) return Answer.Problem(Unknown);
        if (!await access.AdmitAsync(context, recording.Stream)) return Results.Empty;
        if (!StoreKey.TryCreate(parsed, name, out var key) || await catalogue.FindFileAsync(parsed, name, context.RequestAborted) is not { } file)
            return Answer.Problem(Problem.NotFound("The recording has no file of this name."));
        watched.Note(parsed);
        var caching = (access.IsPublic(recording.Stream) ? "public, " : "private, ") + Immutable;
        await RangeResponse.WriteAsync(context, new MediaBody(
            file.Bytes, file.MediaType, $"\"{file.Name}-{file.Bytes.ToString("x", CultureInfo.InvariantCulture)}\"", caching,
            (offset, length, cancellation) => OpenAsync(key.Value, file, offset, length, cancellation),
            context.Request.Query.ContainsKey("download") ? DownloadName.Of(recording, file) : null));
        return Results.Empty;
    }

    private async Task<IResult> SegmentAsync(string id, string number, HttpContext context)
    {
        if (!RecordingId.TryParse(id, out var recording) || !ledger.TryGet(recording, out var history)) return Answer.Problem(Unknown);
        if (!await access.AdmitAsync(context, history.Started.StreamId)) return Results.Empty;
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted)
            || history.Segments.Find(candidate => candidate.Number == wanted) is not { } segment)
        {
            return Answer.Problem(Problem.NotFound("The recording has no segment of this number."));
        }

        watched.Note(recording);
        var path = spool.PathOf(recording, segment.Number, segment.Container);
        var file = new FileInfo(path);
        // Behind the last boundary there may be half a cluster.
        var length = segment.IsClosed ? segment.Bytes : ledger.BoundariesOf(recording, segment.Number).Last.Bytes;
        if (!file.Exists || file.Length < length) return Answer.Problem(Problem.NotFound("The segment is gone; the recording's index says what there is."));
        await RangeResponse.WriteAsync(context, new MediaBody(
            length, segment.MediaType, segment.IsClosed ? $"\"segment-{segment.Number}-{length.ToString("x", CultureInfo.InvariantCulture)}\"" : null,
            segment.IsClosed ? (access.IsPublic(history.Started.StreamId) ? "public, " : "private, ") + ForAnHour : "no-store",
            (offset, count, _) => Task.FromResult<Stream?>(StreamWindow.Open(path, offset, count))));
        return Results.Empty;
    }

    // A file that was marked just now may still be in the spool only as far as this request knows, and the other way round.
    private async Task<Stream?> OpenAsync(StoreKey key, StoredFile file, long offset, long length, CancellationToken cancellation)
    {
        var local = new FileInfo(Path.Combine(spool.FinishedFolderOf(key.Recording), key.Name));
        if (local.Exists && local.Length == file.Bytes)
        {
            try
            {
                return StreamWindow.Open(local.FullName, offset, length);
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                // It went to the store in between.
            }
        }

        return await store.OpenAsync(key, offset, length, cancellation);
    }
}
