using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Vod.Playback;
using Broadcast.Vod.Recordings;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Vod.Api;

/// <summary>Starts and stops the recording of a stream, for its publisher and its operators.</summary>
internal sealed class RecordingControlApi(Gatekeeper gatekeeper, RecordingAccess access, IRecorder recorder, NodeIdentity node)
{
    private static readonly Problem NotRunning = Problem.NotFound("The stream is not being recorded.");

    public async Task<IResult> StartAsync(string stream, HttpContext context)
    {
        if (await RefusalAsync(stream, context, MaySteer) is { } refusal) return refusal;
        switch (await recorder.StartAsync(stream, context.RequestAborted))
        {
            case RecordingStart.Started started:
                context.Response.Headers.Location = LocationOf(context, started.Id);
                return Answer.Json(context, new RecordingIdView(started.Id.ToString()), VodJson.Default.RecordingIdView, StatusCodes.Status201Created);
            case RecordingStart.AlreadyRunning running:
                context.Response.Headers.Location = LocationOf(context, running.Id);
                return Answer.Json(context, new RecordingIdView(running.Id.ToString()), VodJson.Default.RecordingIdView);
            case RecordingStart.Refused refused:
                return Answer.Problem(refused.NotLive ? Problem.NotLive(refused.Reason) : Problem.NotRecorded(refused.Reason));
            default:
                throw new InvalidOperationException("The recorder has said nothing.");
        }
    }

    public async Task<IResult> StopAsync(string stream, HttpContext context)
    {
        if (await RefusalAsync(stream, context, MaySteer) is { } refusal) return refusal;
        return await recorder.StopAsync(stream, context.RequestAborted) is { } id
            ? Answer.Json(context, new RecordingIdView(id.ToString()), VodJson.Default.RecordingIdView)
            : Answer.Problem(NotRunning);
    }

    public async Task<IResult> GetAsync(string stream, HttpContext context)
    {
        if (await RefusalAsync(stream, context, grant => MaySteer(grant) || access.MayRead(grant, stream)) is { } refusal) return refusal;
        var active = await recorder.FindAsync(stream, context.RequestAborted);
        return Answer.Json(
            context, new RecordingStatusView(active is not null, active?.Id.ToString(), active?.StartedAt, active is null ? null : Words.Of(active.Trigger), active is null ? null : active.Node ?? node.Id),
            VodJson.Default.RecordingStatusView);

        bool MaySteer(Grant grant) => RecordingControlApi.MaySteer(grant, stream);
    }

    private static bool MaySteer(Grant grant, string stream) => grant.Allows(TokenScope.Operate, stream) || grant.Allows(TokenScope.Publish, stream);

    private static string LocationOf(HttpContext context, RecordingId id) => $"{context.Request.PathBase}/api/v1/recordings/{id}";

    private Task<IResult?> RefusalAsync(string stream, HttpContext context, Func<Grant, string, bool> allows) => RefusalAsync(stream, context, grant => allows(grant, stream));

    private async Task<IResult?> RefusalAsync(string stream, HttpContext context, Func<Grant, bool> allows)
    {
        if (!StreamName.IsValid(stream)) return Answer.Problem(Problem.BadRequest(StreamName.Rule));
        if (await gatekeeper.IdentifyAsync(context, TokenScope.Publish, stream) is not { } grant) return Results.Empty;
        return allows(grant) ? null : await Answer.RefusedAsync(context, grant, TokenScope.Publish, stream);
    }
}
