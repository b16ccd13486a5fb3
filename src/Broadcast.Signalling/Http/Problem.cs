using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>A problem document (RFC 9457): what was wrong and what to do.</summary>
/// <param name="Type">A stable URN, so that programs need not read the sentence.</param>
/// <param name="Title">The class of the problem.</param>
/// <param name="Status">The HTTP status it comes with.</param>
/// <param name="Detail">A sentence for a person.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail)
{
    internal static Problem BadRequest(string detail) => Create("bad-request", "The request is malformed", StatusCodes.Status400BadRequest, detail);

    internal static Problem Unauthorized(string detail) => Create("unauthorized", "A token is needed", StatusCodes.Status401Unauthorized, detail);

    internal static Problem Forbidden(string detail) => Create("forbidden", "The token does not allow this", StatusCodes.Status403Forbidden, detail);

    internal static Problem NotFound(string detail) => Create("not-found", "There is no such thing", StatusCodes.Status404NotFound, detail);

    internal static Problem NoCommonCodec(string detail) => Create("no-common-codec", "No codec in common", StatusCodes.Status406NotAcceptable, detail);

    internal static Problem NotLive(string detail) => Create("not-live", "The stream is not live", StatusCodes.Status409Conflict, detail);

    internal static Problem TakenOver(string detail) => Create("taken-over", "The session was replaced", StatusCodes.Status410Gone, detail);

    internal static Problem PreconditionFailed(string detail) => Create("stale-entity-tag", "The ICE session has changed", StatusCodes.Status412PreconditionFailed, detail);

    internal static Problem TooLarge(string detail) => Create("body-too-large", "The body is too large", StatusCodes.Status413PayloadTooLarge, detail);

    internal static Problem UnsupportedMediaType(string detail) => Create("unsupported-media-type", "The media type is not supported", StatusCodes.Status415UnsupportedMediaType, detail);

    internal static Problem UnusableOffer(string detail) => Create("unusable-offer", "The offer cannot be used", StatusCodes.Status422UnprocessableEntity, detail);

    internal static Problem PreconditionRequired(string detail) => Create("entity-tag-required", "An If-Match header is needed", StatusCodes.Status428PreconditionRequired, detail);

    internal static Problem TooManyRequests(string detail) => Create("too-many-requests", "Too many requests", StatusCodes.Status429TooManyRequests, detail);

    internal static Problem AtCapacity(string detail) => Create("at-capacity", "The node is full", StatusCodes.Status503ServiceUnavailable, detail);

    /// <summary>For statuses that routing or the server chose.</summary>
    internal static Problem ForStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => NotFound("Nothing answers at this address."),
        StatusCodes.Status405MethodNotAllowed => Create("method-not-allowed", "The method is not allowed", status, "The Allow header lists the methods this address understands."),
        StatusCodes.Status413PayloadTooLarge => TooLarge("Send a smaller body."),
        < 500 => Create("bad-request", "The request is malformed", status, "The request could not be read."),
        _ => Create("internal", "The server failed", status, "The failure was logged; trying again may help."),
    };

    private static Problem Create(string name, string title, int status, string detail) => new("urn:broadcast:problem:" + name, title, status, detail);
}
