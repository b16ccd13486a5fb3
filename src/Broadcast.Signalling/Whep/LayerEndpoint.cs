using System.Globalization;
using System.Text;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Broadcast.Signalling.Whep;

/// <summary>The layer extension of WHEP: a viewer says which quality of the video it wants.</summary>
internal sealed class LayerEndpoint(SessionEndpoint sessions, IMediaPlane media)
{
    /// <summary>End of the Link that advertises the extension, after the session's path.</summary>
    public const string LinkTail = "/layer>; rel=\"urn:ietf:params:whep:ext:core:layer\"";

    private static readonly SessionProtocol Protocol = SessionProtocol.Whep;

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost(Protocol.SessionRoute + "/layer", PostAsync);

    private async Task PostAsync(HttpContext context)
    {
        if (await sessions.FindAsync(context, Protocol) is not { } session)
            return;
        if (!MediaTypes.Matches(context.Request, MediaTypes.Json))
        {
            context.Response.Headers["Accept-Post"] = MediaTypes.Json;
            await ProblemWriter.WriteAsync(context, Problem.UnsupportedMediaType($"Send the wanted layer as {MediaTypes.Json}."));
            return;
        }

        if (await RequestBody.ReadAsync(context, LayerRequest.MaxLength) is not { } body)
            return;
        if (Apply(session, body) is { } problem)
            await ProblemWriter.WriteAsync(context, problem);
        else
            context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Null when the choice holds.
    private Problem? Apply(SessionResource session, string body)
    {
        if (!LayerRequest.TryParse(body, out var request, out var error))
            return Problem.BadRequest(error);
        var video = session.VideoIndex.ToString(CultureInfo.InvariantCulture);
        if (request.MediaId is { } mediaId && mediaId != video)
            return Problem.UnknownLayer($"The video of this session has the mediaId \"{video}\".");
        return media.ChooseLayer(session.SessionId, request.Choice) switch
        {
            LayerChoiceResult.Accepted => null,
            LayerChoiceResult.NoVideo => Problem.NoVideo("This session receives no video, so there is no quality to choose."),
            LayerChoiceResult.UnknownLayer => Problem.UnknownLayer("There is no such layer now. " + WhatThereIs(media.GetStream(session.StreamId))),
            _ => Problem.NotFound(SessionEndpoint.Gone),
        };
    }

    /// <summary>The layers that can be chosen of a stream, as sentences for a person.</summary>
    public static string WhatThereIs(StreamSnapshot? stream)
    {
        var layers = stream?.Tracks.FirstOrDefault(track => track.Kind == MediaKind.Video)?.Layers ?? [];
        if (layers.Count == 0)
            return "The video has none to choose from.";
        var text = new StringBuilder("There are: ");
        foreach (var layer in layers)
        {
            if (text[^1] != ' ')
                text.Append("; ");
            if (layer.Rid.Length > 0)
                text.Append(CultureInfo.InvariantCulture, $"encodingId \"{layer.Rid}\", ");
            text.Append(CultureInfo.InvariantCulture, $"spatialLayerId {layer.SpatialId}, temporalLayerId ");
            text.Append(layer.TemporalLayers > 1 ? string.Create(CultureInfo.InvariantCulture, $"0 to {layer.TemporalLayers - 1}") : "0");
            if (layer is { Width: > 0, Height: > 0 })
                text.Append(CultureInfo.InvariantCulture, $" ({layer.Width} × {layer.Height})");
        }

        return text.Append('.').ToString();
    }
}
