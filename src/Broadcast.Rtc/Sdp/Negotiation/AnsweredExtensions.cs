using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>The header extensions both sides know, under the offer's ids (RFC 8285 §6).</summary>
internal sealed class AnsweredExtensions
{
    private static readonly HeaderExtensionKind[] FromPublishers =
    [
        HeaderExtensionKind.Mid,
        HeaderExtensionKind.RtpStreamId,
        HeaderExtensionKind.RepairedRtpStreamId,
        HeaderExtensionKind.TransportSequenceNumber,
        HeaderExtensionKind.AbsoluteSendTime,
        HeaderExtensionKind.AudioLevel,
        HeaderExtensionKind.VideoOrientation,
        HeaderExtensionKind.AbsoluteCaptureTime,
        HeaderExtensionKind.VideoLayersAllocation,
        HeaderExtensionKind.DependencyDescriptor,
        HeaderExtensionKind.ColorSpace,
        HeaderExtensionKind.VideoContentType,
    ];

    private static readonly HeaderExtensionKind[] ToViewers =
    [
        HeaderExtensionKind.Mid,
        HeaderExtensionKind.TransportSequenceNumber,
        HeaderExtensionKind.AbsoluteSendTime,
        HeaderExtensionKind.PlayoutDelay,
        HeaderExtensionKind.AudioLevel,
        HeaderExtensionKind.VideoOrientation,
        HeaderExtensionKind.AbsoluteCaptureTime,
        HeaderExtensionKind.ColorSpace,
        HeaderExtensionKind.VideoContentType,
        HeaderExtensionKind.DependencyDescriptor,
    ];

    private AnsweredExtensions(HeaderExtensionMap map, List<ExtensionMapping> lines)
    {
        Map = map;
        Lines = lines;
    }

    /// <summary>For the packet path.</summary>
    public HeaderExtensionMap Map { get; }

    /// <summary>For the answer: ids of the offer, directions turned round.</summary>
    public IReadOnlyList<ExtensionMapping> Lines { get; }

    /// <summary>What a publisher may send.</summary>
    public static AnsweredExtensions ForPublisher(MediaDescription media) => Intersect(media, FromPublishers, offererSends: true);

    /// <summary>What a viewer may be sent.</summary>
    public static AnsweredExtensions ForViewer(MediaDescription media) => Intersect(media, ToViewers, offererSends: false);

    private static AnsweredExtensions Intersect(MediaDescription media, HeaderExtensionKind[] wanted, bool offererSends)
    {
        var map = new HeaderExtensionMap { AllowMixed = media.ExtensionMapAllowMixed };
        var lines = new List<ExtensionMapping>();
        foreach (var offered in media.Extensions)
        {
            if (!HeaderExtensionMap.TryKindOf(offered.Uri, out var kind) || !wanted.Contains(kind)) continue;
            if (offered.Direction is { } direction && !(offererSends ? direction.Sends() : direction.Receives())) continue;

            // Ids above 14 need two-byte headers (RFC 8285 §4.3).
            if (offered.Id > 14 && !media.ExtensionMapAllowMixed) continue;

            // A mid above 16 bytes does not fit a one-byte header; such a viewer is routed by SSRC alone.
            if (kind == HeaderExtensionKind.Mid && !offererSends && media.Mid.Length > 16) continue;
            if (map.TryAdd(kind, offered.Id)) lines.Add(offered with { Direction = offered.Direction?.Inverted() });
        }

        return new AnsweredExtensions(map, lines);
    }
}
