namespace Broadcast.Rtc.Sdp;

/// <summary>One payload type of an m-line with everything said about it: a=rtpmap, a=fmtp, a=rtcp-fb.</summary>
/// <param name="PayloadType">0 to 127.</param>
/// <param name="EncodingName">As written; compare without regard to case.</param>
/// <param name="ClockRateHz">RTP timestamp units per second.</param>
/// <param name="Channels">1 when not given.</param>
/// <param name="FormatParameters">The value of a=fmtp behind the payload type; empty when absent.</param>
/// <param name="Feedback">Values of a=rtcp-fb for this payload type and for "*", e.g. "nack pli".</param>
public sealed record PayloadFormat(
    byte PayloadType,
    string EncodingName,
    int ClockRateHz,
    int Channels,
    string FormatParameters,
    IReadOnlyList<string> Feedback)
{
    /// <summary>Compares the encoding name (case-insensitive, RFC 8866 §6.6).</summary>
    public bool Is(string encodingName) => EncodingName.Equals(encodingName, StringComparison.OrdinalIgnoreCase);

    /// <summary>True when the feedback message was named exactly so.</summary>
    public bool HasFeedback(string feedback)
    {
        foreach (var offered in Feedback)
        {
            if (offered.Equals(feedback, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }
}
