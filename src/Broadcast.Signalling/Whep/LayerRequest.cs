using System.Text.Json;
using Broadcast.Media.Sessions;
using Microsoft.AspNetCore.Http;

namespace Broadcast.Signalling.Whep;

/// <summary>Reads what a viewer wants: the body of the layer extension ("Video Layer Selection extension" of the WHEP drafts), or the query of a POST.</summary>
/// <remarks>
/// The drafts call the encoding <c>encodingId</c> first and <c>rid</c> later; both are taken. <c>maxBitrate</c> and the query are
/// this server's own. Null stands for "no wish", members that are not known are ignored.
/// </remarks>
internal readonly record struct LayerRequest(string? MediaId, LayerChoice Choice)
{
    /// <summary>Longest body in bytes; the longest sensible one has a tenth of that.</summary>
    public const int MaxLength = 4096;

    // Layers are numbered by an octet where other servers have them; whether one exists is for the media plane to say.
    private const int MaxLayerId = 255;
    private const int MaxPixels = 65_535;
    private const long MaxBitrate = 10_000_000_000;

    /// <summary>Parses a body.</summary>
    /// <param name="json">As it came.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="error">A sentence for a person when the result is false.</param>
    public static bool TryParse(string json, out LayerRequest request, out string error)
    {
        request = default;
        error = "Send a JSON object such as {\"encodingId\": \"h\"} or {\"maxHeight\": 360}; {} is automatic.";
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return false;
            var members = new JsonLayerMembers(document.RootElement);
            request = new LayerRequest(members.MediaId("mediaId"), ChoiceOf(members));
            error = members.Error ?? error;
            return members.Error is null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no Unicode, such as a lone surrogate.
            return false;
        }
    }

    /// <summary>Reads a query; there is no <c>mediaId</c> in it, since a session has one picture.</summary>
    /// <param name="query">As it came, decoded.</param>
    /// <param name="choice">What it asks for.</param>
    /// <param name="error">A sentence for a person when the result is false.</param>
    public static bool TryParse(IQueryCollection query, out LayerChoice choice, out string error)
    {
        var members = new QueryLayerMembers(query);
        choice = ChoiceOf(members);
        error = members.Error ?? "";
        return members.Error is null;
    }

    private static LayerChoice ChoiceOf(LayerMembers members)
    {
        var encodingId = members.Rid("encodingId");
        var rid = members.Rid("rid");
        var choice = new LayerChoice
        {
            Rid = rid ?? encodingId,
            SpatialId = (int?)members.Number("spatialLayerId", 0, MaxLayerId),
            TemporalId = (int?)members.Number("temporalLayerId", 0, MaxLayerId),
            MaxSpatialId = (int?)members.Number("maxSpatialLayerId", 0, MaxLayerId),
            MaxTemporalId = (int?)members.Number("maxTemporalLayerId", 0, MaxLayerId),
            MaxWidth = (int?)members.Number("maxWidth", 1, MaxPixels),
            MaxHeight = (int?)members.Number("maxHeight", 1, MaxPixels),
            MaxBitsPerSecond = members.Number("maxBitrate", 1, MaxBitrate),
        };
        if (rid is not null && encodingId is not null && rid != encodingId)
            members.Error ??= "\"rid\" and \"encodingId\" are two names of the same thing and must agree.";
        return choice;
    }
}
