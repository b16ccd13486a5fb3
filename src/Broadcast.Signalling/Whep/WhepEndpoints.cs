using Broadcast.Media.Sessions;
using Broadcast.Signalling.Events;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Broadcast.Signalling.Whep;

/// <summary>WebRTC-HTTP egress, <c>/whep/{stream}</c> (draft-ietf-wish-whep-03 and its editor's copy).</summary>
/// <remarks>There is no counter-offer: a player whose offer cannot be used gets 406 and a sentence that says why.</remarks>
internal sealed class WhepEndpoints(OfferEndpoint offers, SessionEndpoint session, IMediaPlane media)
{
    private static readonly SessionProtocol Protocol = SessionProtocol.Whep;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(Protocol.EndpointRoute, PostAsync);
        routes.MapMethods(Protocol.EndpointRoute, ["GET", "HEAD"], GetAsync);
        session.Map(routes, Protocol);
    }

    private Task PostAsync(HttpContext context) => offers.PostAsync(
        context, Protocol, (stream, offer, waited) => Watch(context.Request.Query, stream, offer, waited), EventNames.LinkTail, LayerEndpoint.LinkTail);

    // What a viewer says of layers in the query holds from its first packet on; by the layer extension it would come too late for that.
    private SessionResult Watch(IQueryCollection query, string stream, string offer, TimeSpan waited)
    {
        if (!LayerRequest.TryParse(query, out var choice, out var error))
            return new SessionResult.Refused(SessionRefusal.MalformedOffer, error);
        var result = media.Watch(stream, offer, choice, waited);
        return result is SessionResult.Refused { Reason: SessionRefusal.UnknownLayer } unknown
            ? unknown with { Detail = $"{unknown.Detail} {LayerEndpoint.WhatThereIs(media.GetStream(stream))}" }
            : result;
    }

    // HEAD tells a player what it may send (editor's copy, "discovery"); GET is success without content.
    private async Task GetAsync(HttpContext context)
    {
        if (await offers.AdmitAsync(context, Protocol) is null)
            return;
        if (HttpMethods.IsHead(context.Request.Method))
            context.Response.ContentType = MediaTypes.Sdp;
        else
            context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
