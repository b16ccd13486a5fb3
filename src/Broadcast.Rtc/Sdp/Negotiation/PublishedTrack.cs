namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>One track of a live publication, to be matched against a viewer's offer.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Codec">What is carried.</param>
/// <param name="FormatParameters"><see cref="NegotiatedCodec.FormatParameters"/> of the publisher.</param>
public sealed record PublishedTrack(MediaKind Kind, CodecKind Codec, string FormatParameters);

/// <summary>The sources under which one viewer session sends a kind of media, the same for its whole life.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="Ssrc">Media.</param>
/// <param name="RtxSsrc">Retransmissions; used only where RTX is negotiated.</param>
public sealed record ViewerTrackIdentity(MediaKind Kind, uint Ssrc, uint RtxSsrc);
