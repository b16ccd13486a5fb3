using System.Globalization;
using System.Text.Json;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Http;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Playback;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Retention;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Vod.Api;

/// <summary>Recordings: found and read by whoever may watch their streams, changed by operators.</summary>
internal sealed class RecordingsApi(
    Gatekeeper gatekeeper, RecordingAccess access, ICatalogue catalogue, CatalogueFollower follower, RecordingLedger ledger, JobQueue jobs, RecordingRemoval removal,
    IClusterOperations cluster, NodeIdentity node)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int MaxTitle = 200;
    private const int MaxTags = 20;
    private const int MaxTag = 40;

    /// <summary>Rounds over pages of which the caller may see little; then the answer is short, and <c>next</c> goes on.</summary>
    private const int MaxPages = 20;

    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(500);
    private static readonly Problem Unknown = Problem.NotFound("There is no such recording.");

    private static readonly string EditRule =
        $"Send {{\"title\": \"…\", \"tags\": [\"…\"]}}: a title of up to {MaxTitle} characters, up to {MaxTags} tags of 1 to {MaxTag}, none with control characters.";

    private const string ClipRule = "Send {\"from\": 12.5, \"to\": 40, \"title\": \"…\"}: seconds of the recording, \"from\" before \"to\" and within it.";
    private const string ExportRule = "Send {\"format\": \"webm\", \"video\": \"copy\"}: format is webm, mkv or mp4, video is copy, vp9 or av1.";

    public async Task<IResult> ListAsync(string? stream, string? state, string? q, int? limit, string? after, HttpContext context)
    {
        // :: Step 1: what is asked for
        if (stream is not null && !StreamName.IsValid(stream)) return Answer.Problem(Problem.BadRequest(StreamName.Rule));
        RecordingState? inState = null;
        if (state is not null)
        {
            var parsed = RecordingState.Recording;
            if (state != RecordingView.Interrupted && (!Words.TryParse(state, out parsed) || parsed is RecordingState.Deleted))
                return Answer.Problem(Problem.BadRequest("A state is recording, interrupted, finishing, ready or failed."));
            inState = parsed;
        }

        if (limit is < 1 or > MaxLimit) return Answer.Problem(Problem.BadRequest($"The limit is 1 to {MaxLimit}."));
        RecordingId? behind = null;
        if (after is not null)
        {
            if (!RecordingId.TryParse(after, out var id)) return Answer.Problem(Problem.BadRequest("\"after\" is the \"next\" of an earlier answer."));
            behind = id;
        }

        // :: Step 2: as much of it as the caller may see
        if (await gatekeeper.IdentifyAsync(context, stream is null || access.IsPublic(stream) ? TokenScope.None : TokenScope.Watch, stream ?? Grant.AnyStream) is not { } grant) return Results.Empty;
        if (stream is not null && !access.MayRead(grant, stream)) return await Answer.RefusedAsync(context, grant, TokenScope.Watch, stream);
        var wanted = limit ?? DefaultLimit;
        var found = new List<RecordingView>();
        var more = true;
        var members = new MemberLook(cluster, node);
        for (var page = 0; more && page < MaxPages && found.Count < wanted; page++)
        {
            var rows = await catalogue.ListAsync(new RecordingQuery(stream, inState, q, After: behind, Limit: MaxLimit), context.RequestAborted);
            more = rows.Count == MaxLimit;
            foreach (var row in rows)
            {
                if (found.Count == wanted)
                {
                    more = true;
                    break;
                }

                behind = row.Id;
                if (!access.MayRead(grant, row.Stream)) continue;
                var view = await ViewOfAsync(context, row, members);
                if (state is null || view.State == state) found.Add(view);
            }
        }

        return Answer.Json(context, new RecordingListView(found, more ? behind.ToString() : null), VodJson.Default.RecordingListView);
    }

    public async Task<IResult> GetAsync(string id, HttpContext context)
    {
        if (await FindAsync(id, context) is not { } recording) return Answer.Problem(Unknown);
        if (await gatekeeper.IdentifyAsync(context, access.IsPublic(recording.Stream) ? TokenScope.None : TokenScope.Watch, recording.Stream) is not { } grant) return Results.Empty;
        return access.MayRead(grant, recording.Stream)
            ? Answer.Json(context, await ViewOfAsync(context, recording, new MemberLook(cluster, node)), VodJson.Default.RecordingView)
            : await Answer.RefusedAsync(context, grant, TokenScope.Watch, recording.Stream);
    }

    public async Task<IResult> EditAsync(string id, HttpContext context)
    {
        if (await FindAsync(id, context) is not { } recording) return Answer.Problem(Unknown);
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, recording.Stream) is null) return Results.Empty;
        var (edit, refusal) = await JsonBody.ReadAsync(context, VodJson.Default.RecordingEdit, EditRule);
        if (edit is null) return refusal!;
        var title = edit.Title?.Trim();
        IReadOnlyList<string>? tags = edit.Tags is null ? null : [.. edit.Tags.Select(tag => tag?.Trim() ?? "").Distinct(StringComparer.Ordinal)];
        if (!IsText(title, MaxTitle) || edit.Tags?.Count > MaxTags || tags?.Any(tag => tag.Length == 0 || !IsText(tag, MaxTag)) == true)
            return Answer.Problem(Problem.BadRequest(EditRule));
        return await catalogue.EditAsync(recording.Id, title, tags, context.RequestAborted) is { } edited
            ? Answer.Json(context, await ViewOfAsync(context, edited, new MemberLook(cluster, node)), VodJson.Default.RecordingView)
            : Answer.Problem(Unknown);
    }

    public async Task<IResult> DeleteAsync(string id, bool? force, HttpContext context)
    {
        if (await FindAsync(id, context) is not { } recording) return Answer.Problem(Unknown);
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, recording.Stream) is null) return Results.Empty;
        if (recording.State is RecordingState.Recording or RecordingState.Finishing && await new MemberLook(cluster, node).IsAwayAsync(recording, context.RequestAborted))
        {
            // Its node may be back in a second, with all of it: only a person knows that it will not.
            if (force is not true) return Answer.Problem(Problem.Conflict("Its node is away, and finishes it when it is back. To delete it all the same, add ?force=true."));
            await removal.DeleteAsync(recording, context.RequestAborted);
            return Results.NoContent();
        }

        if (recording.State is RecordingState.Recording) return Answer.Problem(Problem.Conflict("It is being recorded. Stop the recording first."));
        if (recording.State is RecordingState.Finishing) return Answer.Problem(Problem.Conflict("It is being finished. Delete it when it is ready."));
        await removal.DeleteAsync(recording, context.RequestAborted);
        return Results.NoContent();
    }

    public async Task<IResult> ClipAsync(string id, HttpContext context)
    {
        if (await FindAsync(id, context) is not { } recording) return Answer.Problem(Unknown);
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, recording.Stream) is null) return Results.Empty;
        var (request, refusal) = await JsonBody.ReadAsync(context, VodJson.Default.ClipRequest, ClipRule);
        if (request is null) return refusal!;
        if (NotReady(recording) is { } notReady) return notReady;
        var title = request.Title?.Trim() ?? "";
        if (!TrySpan(request.From, recording, out var from) || !TrySpan(request.To, recording, out var to) || from >= to || from >= recording.Duration || !IsText(title, MaxTitle))
            return Answer.Problem(Problem.BadRequest(ClipRule));
        var parts = (await catalogue.ListFilesAsync(recording.Id, context.RequestAborted)).Where(file => file.Kind is FileKind.Part).OrderBy(file => file.Start).ToList();
        var part = parts.FindLast(file => file.Start <= from);
        if (part is null || from >= part.Start + part.Duration) return Answer.Problem(Problem.NotPossible("At the beginning of the clip nothing was recorded."));
        if (part != parts[^1] && to > part.Start + part.Duration + Rounding)
        {
            var at = Words.Seconds(part.Start + part.Duration).ToString(CultureInfo.InvariantCulture);
            return Answer.Problem(Problem.NotPossible($"The format of the recording changes at {at} s, and a clip cannot go over that. Cut two clips, or make an export."));
        }

        var parameters = JsonSerializer.Serialize(new ClipParameters(from, to, title), JobJson.Default.ClipParameters);
        return await AcceptedAsync(context, JobKind.Clip, recording, parameters);
    }

    public async Task<IResult> ExportAsync(string id, HttpContext context)
    {
        if (await FindAsync(id, context) is not { } recording) return Answer.Problem(Unknown);
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, recording.Stream) is null) return Results.Empty;
        var (request, refusal) = await JsonBody.ReadAsync(context, VodJson.Default.ExportRequest, ExportRule);
        if (request is null) return refusal!;
        if (request.Format is not ("webm" or "mkv" or "mp4") || !Words.TryParse<ExportVideo>(request.Video ?? "copy", out var video))
            return Answer.Problem(Problem.BadRequest(ExportRule));
        if (NotReady(recording) is { } notReady) return notReady;
        var parts = await catalogue.ListFilesAsync(recording.Id, context.RequestAborted);
        if (request.Format == "webm" && video is ExportVideo.Copy && parts.Any(file => file.Kind is FileKind.Part && !file.Name.EndsWith(".webm", StringComparison.Ordinal)))
            return Answer.Problem(Problem.NotPossible("WebM does not take H.264 or H.265. Choose the video vp9 or av1, or the format mkv or mp4."));
        var parameters = JsonSerializer.Serialize(new ExportParameters(request.Format, video), JobJson.Default.ExportParameters);
        return await AcceptedAsync(context, JobKind.Export, recording, parameters);
    }

    private static IResult? NotReady(Recording recording) =>
        recording.State is RecordingState.Ready ? null : Answer.Problem(Problem.Conflict("The recording is not ready. Try again when it is."));

    private static bool IsText(string? text, int length) => text is null || (text.Length <= length && !text.Any(char.IsControl));

    // Beyond the end is the end; what no time span can hold is none.
    private static bool TrySpan(double? seconds, Recording recording, out TimeSpan span)
    {
        span = default;
        if (seconds is not { } value || !double.IsFinite(value) || value < 0) return false;
        span = TimeSpan.FromSeconds(Math.Min(value, Math.Ceiling(recording.Duration.TotalSeconds)));
        return true;
    }

    private async Task<IResult> AcceptedAsync(HttpContext context, JobKind kind, Recording recording, string parameters)
    {
        var job = await jobs.AddAsync(kind, recording, parameters, context.RequestAborted);
        context.Response.Headers.Location = $"{context.Request.PathBase}/api/v1/jobs/{job.Id}";
        return Answer.Json(context, JobView.Of(job, context.Request.PathBase), VodJson.Default.JobView, StatusCodes.Status202Accepted);
    }

    private async Task<Recording?> FindAsync(string id, HttpContext context) =>
        RecordingId.TryParse(id, out var parsed)
            ? await catalogue.FindAsync(parsed, context.RequestAborted) ?? await follower.FindNewAsync(parsed, context.RequestAborted)
            : null;

    private async ValueTask<RecordingView> ViewOfAsync(HttpContext context, Recording recording, MemberLook members)
    {
        ledger.TryGet(recording.Id, out var live);
        return RecordingView.Of(recording, context.Request.PathBase, live, await members.IsInterruptedAsync(recording, context.RequestAborted));
    }
}
