using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Http;

/// <summary>A problem document (RFC 9457): what was wrong and what to do.</summary>
/// <param name="Type">A stable URN, so that programs need not read the sentence.</param>
/// <param name="Title">The class of the problem.</param>
/// <param name="Status">The HTTP status it comes with.</param>
/// <param name="Detail">A sentence for a person.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail)
{

    /// <summary>400: it cannot be read.</summary>
    public static Problem BadRequest(string detail) => Create("bad-request", "The request is malformed", StatusCodes.Status400BadRequest, detail);

    /// <summary>401: no token, or an invalid one.</summary>
    public static Problem Unauthorized(string detail) => Create("unauthorized", "A token is needed", StatusCodes.Status401Unauthorized, detail);

    /// <summary>403: a token for something else.</summary>
    public static Problem Forbidden(string detail) => Create("forbidden", "The token does not allow this", StatusCodes.Status403Forbidden, detail);

    /// <summary>403: kept out by an operator.</summary>
    public static Problem Banned(string detail) => Create("banned", "You are kept out", StatusCodes.Status403Forbidden, detail);

    /// <summary>404.</summary>
    public static Problem NotFound(string detail) => Create("not-found", "There is no such thing", StatusCodes.Status404NotFound, detail);

    /// <summary>406.</summary>
    public static Problem NoCommonCodec(string detail) => Create("no-common-codec", "No codec in common", StatusCodes.Status406NotAcceptable, detail);

    /// <summary>409: nobody publishes.</summary>
    public static Problem NotLive(string detail) => Create("not-live", "The stream is not live", StatusCodes.Status409Conflict, detail);

    /// <summary>409: there is no picture.</summary>
    public static Problem NoVideo(string detail) => Create("no-video", "The session has no video", StatusCodes.Status409Conflict, detail);

    /// <summary>409: it is not in a state for this.</summary>
    public static Problem Conflict(string detail) => Create("conflict", "Not in this state", StatusCodes.Status409Conflict, detail);

    /// <summary>409: the stream cannot be recorded.</summary>
    public static Problem NotRecorded(string detail) => Create("not-recorded", "The stream is not recorded", StatusCodes.Status409Conflict, detail);

    /// <summary>410: another session has it.</summary>
    public static Problem TakenOver(string detail) => Create("taken-over", "The session was replaced", StatusCodes.Status410Gone, detail);

    /// <summary>412.</summary>
    public static Problem PreconditionFailed(string detail) => Create("stale-entity-tag", "The ICE session has changed", StatusCodes.Status412PreconditionFailed, detail);

    /// <summary>413.</summary>
    public static Problem TooLarge(string detail) => Create("body-too-large", "The body is too large", StatusCodes.Status413PayloadTooLarge, detail);

    /// <summary>415.</summary>
    public static Problem UnsupportedMediaType(string detail) => Create("unsupported-media-type", "The media type is not supported", StatusCodes.Status415UnsupportedMediaType, detail);

    /// <summary>416: beyond the end.</summary>
    public static Problem RangeNotSatisfiable(string detail) => Create("range-not-satisfiable", "The range is beyond the end", StatusCodes.Status416RangeNotSatisfiable, detail);

    /// <summary>421: for another host.</summary>
    public static Problem Misdirected(string detail) => Create("misdirected", "Not this host", StatusCodes.Status421MisdirectedRequest, detail);

    /// <summary>422: well-formed, but it cannot be done.</summary>
    public static Problem NotPossible(string detail) => Create("not-possible", "This cannot be done", StatusCodes.Status422UnprocessableEntity, detail);

    /// <summary>422: well-formed, but of no use.</summary>
    public static Problem UnusableOffer(string detail) => Create("unusable-offer", "The offer cannot be used", StatusCodes.Status422UnprocessableEntity, detail);

    /// <summary>422.</summary>
    public static Problem UnknownLayer(string detail) => Create("unknown-layer", "There is no such layer", StatusCodes.Status422UnprocessableEntity, detail);

    /// <summary>409: a request with the same Idempotency-Key is under way.</summary>
    public static Problem KeyInUse() =>
        Create("idempotency-key-in-use", "The request is under way", StatusCodes.Status409Conflict, "A request with this Idempotency-Key has not been answered yet. Try again soon.");

    /// <summary>422: an Idempotency-Key of another request.</summary>
    public static Problem KeyReused() =>
        Create("idempotency-key-reused", "The key belongs to another request", StatusCodes.Status422UnprocessableEntity, "This Idempotency-Key was used with another body. Use a new one for a new request.");

    /// <summary>428.</summary>
    public static Problem PreconditionRequired(string detail) => Create("entity-tag-required", "An If-Match header is needed", StatusCodes.Status428PreconditionRequired, detail);

    /// <summary>429.</summary>
    public static Problem TooManyRequests(string detail) => Create("too-many-requests", "Too many requests", StatusCodes.Status429TooManyRequests, detail);

    /// <summary>429: as many sessions as one caller may have.</summary>
    public static Problem TooManySessions(string detail) => Create("too-many-sessions", "Too many sessions", StatusCodes.Status429TooManyRequests, detail);

    /// <summary>503: full.</summary>
    public static Problem AtCapacity(string detail) => Create("at-capacity", "The node is full", StatusCodes.Status503ServiceUnavailable, detail);

    /// <summary>503: something that is needed does not answer.</summary>
    public static Problem NotNow(string detail) => Create("not-now", "Not to be reached now", StatusCodes.Status503ServiceUnavailable, detail);

    /// <summary>For statuses that routing or the server chose.</summary>
    public static Problem ForStatus(int status) => status switch
    {
        StatusCodes.Status404NotFound => NotFound("Nothing answers at this address."),
        StatusCodes.Status405MethodNotAllowed => Create("method-not-allowed", "The method is not allowed", status, "The Allow header lists the methods this address understands."),
        StatusCodes.Status413PayloadTooLarge => TooLarge("Send a smaller body."),
        < 500 => Create("bad-request", "The request is malformed", status, "The request could not be read."),
        _ => Create("internal", "The server failed", status, "The failure was logged; trying again may help."),
    };

    private static Problem Create(string name, string title, int status, string detail) => new("urn:broadcast:problem:" + name, title, status, detail);
}
