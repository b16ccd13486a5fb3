using Broadcast.Signalling.Api;
using Broadcast.Signalling.Http;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Problem = Broadcast.Signalling.Http.Problem;

namespace Broadcast.Vod.Api;

/// <summary>The addresses of recordings under <c>/api/v1</c>, described for the OpenAPI document.</summary>
internal static class VodRoutes
{
    private const string ProblemJson = MediaTypes.Problem;

    public static void Map(IEndpointRouteBuilder routes, RecordingControlApi control, RecordingsApi recordings, JobsApi jobs)
    {
        var api = routes.MapGroup("/api/v1").AddEndpointFilter(NotNowFilter);
        api.MapPost("/streams/{stream}/recording", control.StartAsync).WithName("start-recording").WithSummary("Record a stream (scope operate or publish)").Idempotent()
            .Produces<RecordingIdView>(201).Produces<RecordingIdView>()
            .Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(409, ProblemJson);
        api.MapDelete("/streams/{stream}/recording", control.StopAsync).WithName("stop-recording").WithSummary("End the recording of a stream (scope operate or publish)")
            .Produces<RecordingIdView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapGet("/streams/{stream}/recording", control.GetAsync).WithName("recording-status").WithSummary("Whether a stream is being recorded")
            .Produces<RecordingStatusView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapGet("/recordings", recordings.ListAsync).WithName("recordings").WithSummary("Recordings of streams that the caller may watch or operate, the newest first")
            .Produces<RecordingListView>().Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapGet("/recordings/{id}", recordings.GetAsync).WithName("recording").WithSummary("One recording")
            .Produces<RecordingView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapPatch("/recordings/{id}", recordings.EditAsync).WithName("edit-recording").WithSummary("Change title and tags (scope operate)")
            .Accepts<RecordingEdit>(MediaTypes.Json).Produces<RecordingView>()
            .Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapDelete("/recordings/{id}", recordings.DeleteAsync).WithName("delete-recording").WithSummary("Delete a recording (scope operate)")
            .Produces(204).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(409, ProblemJson);
        api.MapPost("/recordings/{id}/clips", recordings.ClipAsync).WithName("clip-recording").WithSummary("Cut a clip at keyframes (scope operate)").Idempotent()
            .Accepts<ClipRequest>(MediaTypes.Json).Produces<JobView>(202).Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson)
            .Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(409, ProblemJson).Produces<Problem>(422, ProblemJson);
        api.MapPost("/recordings/{id}/exports", recordings.ExportAsync).WithName("export-recording").WithSummary("Make one file of another format (scope operate)").Idempotent()
            .Accepts<ExportRequest>(MediaTypes.Json).Produces<JobView>(202).Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson)
            .Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(409, ProblemJson).Produces<Problem>(422, ProblemJson);
        api.MapGet("/jobs", jobs.ListAsync).WithName("jobs").WithSummary("Work on recordings, the newest first (scope operate)")
            .Produces<JobListView>().Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapGet("/jobs/{id}", jobs.GetAsync).WithName("job").WithSummary("One job with its progress (scope operate)")
            .Produces<JobView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
        api.MapDelete("/jobs/{id}", jobs.CancelAsync).WithName("cancel-job").WithSummary("Cancel a clip or an export (scope operate)")
            .Produces(204).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(409, ProblemJson);
    }

    /// <summary>What is away comes back: 503, and when to ask again.</summary>
    public static async ValueTask<object?> NotNowFilter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (exception is CatalogueUnavailableException or StoreUnavailableException)
        {
            return Answer.Problem(Problem.NotNow(exception.Message), TimeSpan.FromSeconds(5));
        }
    }
}
