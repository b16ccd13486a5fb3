namespace Broadcast.Rtc.Sdp;

/// <summary>One a=extmap line (RFC 8285 §8).</summary>
/// <param name="Id">1 to 255.</param>
/// <param name="Direction">The "/recvonly" behind the id; null when there is none.</param>
/// <param name="Uri">What the extension is.</param>
public sealed record ExtensionMapping(byte Id, MediaDirection? Direction, string Uri);
