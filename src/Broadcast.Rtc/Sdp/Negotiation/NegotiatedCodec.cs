namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>The one codec of an m-line.</summary>
/// <param name="Codec">What is carried.</param>
/// <param name="PayloadType">The offer's number, used in both directions.</param>
/// <param name="RtxPayloadType">Retransmissions (RFC 4588); null when not negotiated.</param>
/// <param name="ClockRateHz">RTP timestamp units per second.</param>
/// <param name="Channels">Audio channels of the RTP clock description: 2 for Opus whatever it carries; 1 for video.</param>
/// <param name="FormatParameters">a=fmtp of the offer: how the publisher encodes, or what the viewer declared.</param>
/// <param name="Nack">Generic NACK.</param>
/// <param name="Pli">Picture loss indication.</param>
/// <param name="Fir">Full intra request.</param>
/// <param name="TransportCc">Transport-wide feedback; only true when the header extension is negotiated as well.</param>
/// <param name="Remb">Receiver estimated maximum bitrate.</param>
public sealed record NegotiatedCodec(
    CodecKind Codec,
    byte PayloadType,
    byte? RtxPayloadType,
    int ClockRateHz,
    int Channels,
    string FormatParameters,
    bool Nack,
    bool Pli,
    bool Fir,
    bool TransportCc,
    bool Remb)
{
    /// <summary>
    /// Opus with copies of earlier packets (RFC 2198); null when not negotiated. A publisher may send either payload type at
    /// any time; a viewer understands both.
    /// </summary>
    public byte? RedPayloadType { get; init; }
}
