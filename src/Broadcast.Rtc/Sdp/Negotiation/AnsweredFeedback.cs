using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>The a=rtcp-fb messages both sides use (RFC 4585 §4.2).</summary>
internal readonly record struct AnsweredFeedback(bool Nack, bool Pli, bool Fir, bool TransportCc, bool Remb)
{
    /// <summary>Intersects with the offer; transport-cc means nothing without its header extension.</summary>
    public static AnsweredFeedback For(PayloadFormat format, HeaderExtensionMap extensions) => new(
        format.HasFeedback("nack"),
        format.HasFeedback("nack pli"),
        format.HasFeedback("ccm fir"),
        format.HasFeedback("transport-cc") && extensions.Has(HeaderExtensionKind.TransportSequenceNumber),
        format.HasFeedback("goog-remb"));

    /// <summary>The codec of a media line with these messages.</summary>
    public NegotiatedCodec Codec(OfferedCodec chosen) => new(
        chosen.Kind,
        chosen.Format.PayloadType,
        chosen.Rtx?.PayloadType,
        chosen.Format.ClockRateHz,
        chosen.Format.Channels,
        chosen.Format.FormatParameters,
        Nack,
        Pli,
        Fir,
        TransportCc,
        Remb)
    {
        RedPayloadType = chosen.Red?.PayloadType,
    };
}
