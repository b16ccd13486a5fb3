using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp;

namespace Broadcast.Testing.Peers;

/// <summary>An m-line as a client reads it out of the answer.</summary>
public sealed class AgreedTrack
{
    private AgreedTrack(MediaDescription answered, PayloadFormat format, byte? rtx, byte? red, HeaderExtensionMap extensions)
    {
        RedPayloadType = red;
        Kind = answered.Kind == "audio" ? MediaKind.Audio : MediaKind.Video;
        Mid = answered.Mid;
        Format = format;
        RtxPayloadType = rtx;
        Extensions = extensions;
        var group = answered.SsrcGroups.FirstOrDefault(g => g.Semantics == "FID");
        Ssrc = group?.Ssrcs[0] ?? (answered.Ssrcs.Count > 0 ? answered.Ssrcs[0] : 0);
        RtxSsrc = group?.Ssrcs[1] ?? 0;
    }

    /// <summary>Audio or video.</summary>
    public MediaKind Kind { get; }

    /// <summary>The identification tag.</summary>
    public string Mid { get; }

    /// <summary>Codec, payload type and feedback.</summary>
    public PayloadFormat Format { get; }

    /// <summary>Of the retransmissions; null without RTX.</summary>
    public byte? RtxPayloadType { get; }

    /// <summary>Of sound with copies; null without RED.</summary>
    public byte? RedPayloadType { get; }

    /// <summary>Negotiated ids.</summary>
    public HeaderExtensionMap Extensions { get; }

    /// <summary>The server's media source; 0 in answers to publishers.</summary>
    public uint Ssrc { get; }

    /// <summary>The server's repair source; 0 without.</summary>
    public uint RtxSsrc { get; }

    /// <summary>The live m-lines of an answer.</summary>
    public static IReadOnlyList<AgreedTrack> ReadAll(SessionDescription answer)
    {
        var tracks = new List<AgreedTrack>();
        foreach (var media in answer.Media)
        {
            if (media.Port == 0 || media.Direction == MediaDirection.Inactive) continue;
            var format = media.Formats.First(f => !f.Is("rtx") && !f.Is("red"));
            var rtx = media.Formats.FirstOrDefault(f => f.Is("rtx") && f.FormatParameters == $"apt={format.PayloadType}");
            var extensions = new HeaderExtensionMap();
            foreach (var mapping in media.Extensions)
            {
                if (HeaderExtensionMap.TryKindOf(mapping.Uri, out var kind)) extensions.TryAdd(kind, mapping.Id);
            }

            tracks.Add(new AgreedTrack(media, format, rtx?.PayloadType, media.Formats.FirstOrDefault(f => f.Is("red"))?.PayloadType, extensions));
        }

        return tracks;
    }
}
