using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Vod.Api;

/// <summary>Work on recordings, for the operators of their streams.</summary>
internal sealed class JobsApi(Gatekeeper gatekeeper, ICatalogue catalogue, JobQueue jobs)
{
    private const int Limit = 500;
    private static readonly Problem Unknown = Problem.NotFound("There is no such job.");

    public async Task<IResult> ListAsync(string? recording, string? state, HttpContext context)
    {
        RecordingId? of = null;
        if (recording is not null)
        {
            if (!RecordingId.TryParse(recording, out var id)) return Answer.Problem(Problem.BadRequest("\"recording\" is the id of a recording."));
            of = id;
        }

        JobState? inState = null;
        if (state is not null)
        {
            if (!Words.TryParse<JobState>(state, out var parsed)) return Answer.Problem(Problem.BadRequest("A state is queued, running, done, failed or cancelled."));
            inState = parsed;
        }

        if (await gatekeeper.IdentifyAsync(context, TokenScope.Operate, Grant.AnyStream) is not { } grant) return Results.Empty;
        if (!grant.Allows(TokenScope.Operate, grant.Stream)) return await Answer.RefusedAsync(context, grant, TokenScope.Operate, Grant.AnyStream);
        var found = await catalogue.ListJobsAsync(of, null, Limit, context.RequestAborted);
        // The state that counts is that of this moment, which the catalogue may not know yet.
        var views = found.Where(job => grant.Allows(TokenScope.Operate, job.Stream)).Select(jobs.Latest).Where(job => inState is null || job.State == inState)
            .Select(job => JobView.Of(job, context.Request.PathBase));
        return Answer.Json(context, new JobListView([.. views]), VodJson.Default.JobListView);
    }

    public async Task<IResult> GetAsync(string id, HttpContext context)
    {
        if (await catalogue.FindJobAsync(id, context.RequestAborted) is not { } job) return Answer.Problem(Unknown);
        return await gatekeeper.AdmitAsync(context, TokenScope.Operate, job.Stream) is null
            ? Results.Empty
            : Answer.Json(context, JobView.Of(jobs.Latest(job), context.Request.PathBase), VodJson.Default.JobView);
    }

    public async Task<IResult> CancelAsync(string id, HttpContext context)
    {
        if (await catalogue.FindJobAsync(id, context.RequestAborted) is not { } found) return Answer.Problem(Unknown);
        if (await gatekeeper.AdmitAsync(context, TokenScope.Operate, found.Stream) is null) return Results.Empty;
        var job = jobs.Latest(found);
        if (job.IsOver) return Results.NoContent();
        if (job.Kind is not (JobKind.Clip or JobKind.Export))
            return Answer.Problem(Problem.Conflict("Finishing and uploading cannot be cancelled; nothing would be left to play. Delete the recording instead."));
        await jobs.CancelAsync(job, context.RequestAborted);
        return Results.NoContent();
    }
}
