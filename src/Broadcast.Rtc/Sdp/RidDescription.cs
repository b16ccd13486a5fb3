namespace Broadcast.Rtc.Sdp;

/// <summary>One a=rid line (RFC 8851 §10).</summary>
/// <param name="Id">1 to 16 letters, digits, "-" or "_".</param>
/// <param name="IsSend">True for "send", false for "recv".</param>
/// <param name="Restrictions">What follows, e.g. "pt=96;max-width=1280"; empty when absent.</param>
public sealed record RidDescription(string Id, bool IsSend, string Restrictions);
