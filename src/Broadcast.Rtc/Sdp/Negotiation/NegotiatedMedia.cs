using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>One accepted m-line.</summary>
public sealed class NegotiatedMedia
{
    /// <summary>Its position among the offer's m-lines, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Its mid; empty when the offer's only m-line has none.</summary>
    public required string Mid { get; init; }

    /// <summary>Audio or video.</summary>
    public required MediaKind Kind { get; init; }

    /// <summary>What is carried and how it is repaired.</summary>
    public required NegotiatedCodec Codec { get; init; }

    /// <summary>Header extension ids, those of the offer.</summary>
    public required HeaderExtensionMap Extensions { get; init; }

    /// <summary>RTCP packets need not begin with a report (RFC 5506).</summary>
    public required bool ReducedSizeRtcp { get; init; }

    /// <summary>Simulcast streams in the offer's order (which end is the best is not defined); empty without simulcast.</summary>
    public IReadOnlyList<string> Rids { get; init; } = [];

    /// <summary>Sources the offer declares; empty is normal, and simulcast publishers need not keep to it.</summary>
    public IReadOnlyList<uint> OfferedSsrcs { get; init; } = [];

    /// <summary>The media source of the offer's first FID group, or its first source.</summary>
    public uint? OfferedSsrc { get; init; }

    /// <summary>The source that repairs <see cref="OfferedSsrc"/> by its FID group.</summary>
    public uint? OfferedRtxSsrc { get; init; }
}
