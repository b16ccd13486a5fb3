using Broadcast.Media.Sessions;
using Broadcast.Signalling.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Broadcast.Signalling.Whip;

/// <summary>WebRTC-HTTP ingestion, <c>/whip/{stream}</c> (RFC 9725).</summary>
/// <remarks>Publishing a live stream again replaces the old session, so there is no 409 here.</remarks>
internal sealed class WhipEndpoints(OfferEndpoint offers, SessionEndpoint session, IMediaPlane media)
{
    private static readonly SessionProtocol Protocol = SessionProtocol.Whip;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Protocol.EndpointRoute, PostAsync);
        routes.MapMethods(Protocol.EndpointRoute, ["GET", "HEAD"], GetAsync);
        session.Map(routes, Protocol);
    }

    private Task PostAsync(HttpContext context) => offers.PostAsync(context, Protocol, media.Publish);

    // Success without content (RFC 9725 §4.1): says that the address and the token are right.
    private async Task GetAsync(HttpContext context)
    {
        if (await offers.AdmitAsync(context, Protocol) is not null)
            context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
