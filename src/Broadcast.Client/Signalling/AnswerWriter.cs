using Broadcast.Client.Connections;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp;

namespace Broadcast.Client.Signalling;

/// <summary>Answers the offer of a server that offers (RFC 8829 §5.3): what it sends is received, with the first codec known here.</summary>
internal static class AnswerWriter
{
    /// <summary>The text of the answer; this end is DTLS client.</summary>
    public static string Write(SessionDescription offer, LocalDescription local)
    {
        var text = new SdpText();
        text.Session(offer.Media.Select(media => media.Mid));
        foreach (var media in offer.Media)
        {
            var parameters = RemoteDescription.ReadTrack(media);
            if (parameters is null)
            {
                text.Line($"m={media.Kind} 0 {media.Protocol} {string.Join(' ', media.FormatTokens)}");
                text.Transport(local with { Candidate = null }, "active", media.Mid);
                text.Line("a=inactive");
                continue;
            }

            WriteMedia(text, media, parameters, local);
        }

        return text.ToString();
    }

    private static void WriteMedia(SdpText text, MediaDescription media, TrackParameters track, LocalDescription local)
    {
        var rtx = track.RtxPayloadType == 0 ? "" : $" {track.RtxPayloadType}";
        text.Line($"m={media.Kind} 9 {media.Protocol} {track.PayloadType}{rtx}");
        text.Transport(local, "active", media.Mid);
        foreach (var extension in media.Extensions)
        {
            if (HeaderExtensionMap.TryKindOf(extension.Uri, out var kind) && OfferedCodecs.Extensions.Any(own => own.Kind == kind))
            {
                text.Line($"a=extmap:{extension.Id} {extension.Uri}");
            }
        }

        text.Line("a=recvonly");
        text.Line("a=rtcp-mux");
        if (media.ReducedSizeRtcp) text.Line("a=rtcp-rsize");
        var format = media.Formats.First(format => format.PayloadType == track.PayloadType);
        var channels = format.Channels > 1 ? $"/{format.Channels}" : "";
        text.Line($"a=rtpmap:{format.PayloadType} {format.EncodingName}/{format.ClockRateHz}{channels}");
        if (format.FormatParameters.Length > 0) text.Line($"a=fmtp:{format.PayloadType} {format.FormatParameters}");
        foreach (var feedback in format.Feedback) text.Line($"a=rtcp-fb:{format.PayloadType} {feedback}");
        if (track.RtxPayloadType == 0) return;
        text.Line($"a=rtpmap:{track.RtxPayloadType} rtx/90000");
        text.Line($"a=fmtp:{track.RtxPayloadType} apt={track.PayloadType}");
    }
}
