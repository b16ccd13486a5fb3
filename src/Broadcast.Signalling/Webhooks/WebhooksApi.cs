using System.Text.Json;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Problem = Broadcast.Signalling.Http.Problem;

namespace Broadcast.Signalling.Webhooks;

/// <summary>The targets of this node, what they did not take, and a way to try them. For operators of everything.</summary>
internal sealed class WebhooksApi(Gatekeeper gatekeeper, WebhookHub hub, NodeIdentity node, TimeProvider time)
{
    private const string ProblemJson = MediaTypes.Problem;
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    private static readonly Problem Unknown = Problem.NotFound("There is no such dead letter; it may have been delivered, or made room for newer ones.");
    private static readonly Problem NoTarget = Problem.Conflict("Its target is not configured any more.");

    public void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v1/webhooks");
        api.MapGet("", (Delegate)ListAsync).WithName("webhooks").WithSummary("The targets of webhooks, and how they do (scope operate)")
            .Produces<WebhooksView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapPost("/test", (Delegate)TestAsync).WithName("test-webhooks").WithSummary("Send webhook.test to every target, and tell what it answers (scope operate)").Idempotent()
            .Produces<WebhookTestView>().Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapGet("/dead-letters", DeadAsync).WithName("dead-letters").WithSummary("Deliveries that were given up, the oldest first (scope operate)")
            .Produces<DeadLettersView>().Produces<Problem>(400, ProblemJson).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson);
        api.MapPost("/dead-letters/{id}/deliver", DeliverAsync).WithName("deliver-dead-letter").WithSummary("Deliver one again (scope operate)")
            .Produces(202).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson).Produces<Problem>(409, ProblemJson);
        api.MapDelete("/dead-letters/{id}", DropAsync).WithName("drop-dead-letter").WithSummary("Forget one (scope operate)")
            .Produces(204).Produces<Problem>(401, ProblemJson).Produces<Problem>(403, ProblemJson).Produces<Problem>(404, ProblemJson);
    }

    public async Task<IResult> ListAsync(HttpContext context)
    {
        if (!await IsOperatorAsync(context)) return Results.Empty;
        WebhookTargetView[] targets =
            [.. hub.Senders.Select(sender => new WebhookTargetView(sender.Target.Name, sender.Target.Events, !sender.Target.Secret.IsEmpty, sender.Waiting, sender.Delivered, sender.Failed))];
        return Answer.Json(context, new WebhooksView(targets, hub.Dead.Count), WebhookJson.Default.WebhooksView);
    }

    /// <summary>Past the queues: the answer is that of now.</summary>
    public async Task<IResult> TestAsync(HttpContext context)
    {
        if (!await IsOperatorAsync(context)) return Results.Empty;
        const string name = "webhook.test";
        var body = JsonSerializer.SerializeToUtf8Bytes(new TestNewsBody(name, time.GetUtcNow(), node.Id), WebhookJson.Default.TestNewsBody);
        var answers = await Task.WhenAll(hub.Senders.Select(async sender =>
        {
            var begun = time.GetTimestamp();
            var delivery = hub.New(name, body);
            var answer = await sender.TryAsync(delivery, context.RequestAborted);
            return new WebhookTestAnswer(sender.Target.Name, delivery.Id, answer.Status, Math.Round(time.GetElapsedTime(begun).TotalSeconds, 3), answer.Fault);
        }));
        return Answer.Json(context, new WebhookTestView(answers), WebhookJson.Default.WebhookTestView);
    }

    public async Task<IResult> DeadAsync(HttpContext context, int? limit = null, string? after = null)
    {
        if (!await IsOperatorAsync(context)) return Results.Empty;
        if (limit is < 1 or > MaxLimit) return Answer.Problem(Problem.BadRequest($"limit is 1 to {MaxLimit}."));
        var wanted = limit ?? DefaultLimit;
        var letters = hub.Dead.List();

        // What has gone meanwhile cannot say where it stood; then it begins again.
        var from = after is null ? 0 : letters.TakeWhile(letter => letter.Id != after).Count() + 1;
        if (from > letters.Count) from = 0;
        DeadLetter[] shown = [.. letters.Skip(from).Take(wanted)];
        return Answer.Json(context, new DeadLettersView(shown, from + shown.Length < letters.Count ? shown[^1].Id : null), WebhookJson.Default.DeadLettersView);
    }

    public async Task<IResult> DeliverAsync(string id, HttpContext context)
    {
        if (!await IsOperatorAsync(context)) return Results.Empty;
        return hub.Deliver(id) switch
        {
            true => Results.StatusCode(StatusCodes.Status202Accepted),
            false => Answer.Problem(NoTarget),
            null => Answer.Problem(Unknown),
        };
    }

    public async Task<IResult> DropAsync(string id, HttpContext context)
    {
        if (!await IsOperatorAsync(context)) return Results.Empty;
        return hub.Dead.Take(id) is null ? Answer.Problem(Unknown) : Results.NoContent();
    }

    private async ValueTask<bool> IsOperatorAsync(HttpContext context) => await gatekeeper.AdmitAsync(context, TokenScope.Operate, Grant.AnyStream) is not null;
}
