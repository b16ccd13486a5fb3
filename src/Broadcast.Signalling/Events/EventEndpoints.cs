using System.Text;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Broadcast.Signalling.Events;

/// <summary>The server-sent events extension of WHEP: POST creates a stream, GET reads it, DELETE ends it.</summary>
internal sealed class EventEndpoints(SessionEndpoint sessions, StreamEventHub hub)
{
    private static readonly SessionProtocol Protocol = SessionProtocol.Whep;
    private static readonly string CollectionRoute = Protocol.SessionRoute + "/events";
    private static readonly string StreamRoute = CollectionRoute + "/{subscription}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(CollectionRoute, CreateAsync);
        routes.MapGet(StreamRoute, ReadAsync);
        routes.MapDelete(StreamRoute, DeleteAsync);
    }

    private async Task CreateAsync(HttpContext context)
    {
        if (await sessions.FindAsync(context, Protocol) is not { } session)
            return;
        var hasBody = context.Request.ContentLength is not 0 && context.Request.ContentType is not null;
        if (hasBody && !MediaTypes.Matches(context.Request, MediaTypes.Json))
        {
            await ProblemWriter.WriteAsync(context, Problem.UnsupportedMediaType("Send the event names as application/json."));
            return;
        }

        if (await RequestBody.ReadAsync(context) is not { } body)
            return;
        if (!EventNames.TryParse(body, out var events))
        {
            await ProblemWriter.WriteAsync(context, Problem.BadRequest("Send a JSON array of event names out of active, inactive, layers, reconnect and viewercount."));
            return;
        }

        var subscription = new EventSubscription(session.StreamId, events);
        hub.Subscribe(subscription);
        if (!session.Subscriptions.Add(subscription, hub.Unsubscribe))
        {
            hub.Unsubscribe(subscription);
            await ProblemWriter.WriteAsync(context, Problem.NotFound("The session is over."));
            return;
        }

        var path = Protocol.SessionPath(context.Request.PathBase.Value ?? "", session.StreamId, session.SessionId);
        context.Response.Headers.Location = $"{path}/events/{subscription.Id}";
        context.Response.StatusCode = StatusCodes.Status201Created;
    }

    private async Task ReadAsync(HttpContext context)
    {
        if (await FindAsync(context, tokenInQuery: true) is not var (session, subscription))
            return;

        var response = context.Response;
        response.ContentType = MediaTypes.EventStream;
        response.Headers.CacheControl = "no-store";
        // nginx buffers responses unless told not to, which would hold events back.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();

        var cancellation = subscription.TakeOver(context.RequestAborted);
        try
        {
            var text = new StringBuilder("retry: 1000\n\n");
            var present = PresentState(subscription);
            do
            {
                var due = new EventSet(subscription.Take(out var keepAlive).Bits | present.Bits);
                present = EventSet.None;
                EventWriter.Append(text, due, hub.Latest(subscription.StreamId), session);
                if (keepAlive && text.Length == 0)
                    text.Append(EventWriter.KeepAlive);
                if (text.Length > 0)
                {
                    Encoding.UTF8.GetBytes(text.ToString(), response.BodyWriter);
                    await response.BodyWriter.FlushAsync(cancellation);
                    text.Clear();
                }
            }
            while (await subscription.WaitAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
            // The reader left, another took its place, or the session is over.
        }
    }

    private async Task DeleteAsync(HttpContext context)
    {
        if (await FindAsync(context, tokenInQuery: false) is var (session, subscription))
            session.Subscriptions.Remove(subscription.Id);
    }

    private async ValueTask<(SessionResource Session, EventSubscription Subscription)?> FindAsync(HttpContext context, bool tokenInQuery)
    {
        if (await sessions.FindAsync(context, Protocol, tokenInQuery) is not { } session)
            return null;
        if (session.Subscriptions.Find((string?)context.Request.RouteValues["subscription"] ?? "") is { } subscription)
            return (session, subscription);
        await ProblemWriter.WriteAsync(context, Problem.NotFound("There is no such event stream, or its session is over."));
        return null;
    }

    // A reader starts from what is true now; "inactive" is news, never a beginning (draft §4.9.1.2).
    private EventSet PresentState(EventSubscription subscription)
    {
        if (hub.Latest(subscription.StreamId) is not { } stream)
            return EventSet.None;
        var state = EventSet.Of(StreamEventKind.ViewerCount);
        if (stream.Active)
            state = state.With(StreamEventKind.Active).With(StreamEventKind.Layers);
        return subscription.Wanted(state);
    }
}
