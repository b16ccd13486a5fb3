namespace Broadcast.Rtc.Sdp;

/// <summary>One b= line (RFC 8866 §5.8).</summary>
/// <param name="Modifier">"AS" counts kilobits per second, "TIAS" bits per second (RFC 3890).</param>
/// <param name="Value">Never negative.</param>
public sealed record Bandwidth(string Modifier, long Value);
