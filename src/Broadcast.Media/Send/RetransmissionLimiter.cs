using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>Keeps retransmission from feeding a congestion: once per round trip, six times per packet, a fifth of the rate.</summary>
/// <remarks>Made on a viewer's first NACK. Owned by one MediaWorker.</remarks>
public sealed class RetransmissionLimiter
{
    /// <summary>Times one packet is sent again.</summary>
    public const int MaxResends = 6;

    /// <summary>Bytes that may be repaired before anything was sent: one large keyframe's worth of loss.</summary>
    private const long InitialBudget = 64 * 1024;

    private const long MaxBudget = 256 * 1024;
    private const int Remembered = 64;

    private readonly Resend[] _recent = new Resend[Remembered];
    private long _budget = InitialBudget;
    private long _octetsAtRefill = -1;

    /// <summary>Decides on one request and, if it is granted, notes it.</summary>
    /// <remarks>A repair that was lost itself is asked for when the player has little time left: then two are sent, of which one will come.</remarks>
    /// <param name="sent">Extended sequence number asked for.</param>
    /// <param name="length">Its payload length.</param>
    /// <param name="octetsSent">Media octets sent to this viewer so far; a fifth of what was added since the last call refills the budget.</param>
    /// <param name="roundTrip">Round trip to the viewer.</param>
    /// <param name="now">Present time.</param>
    /// <returns>How often to send it now: 0 to 2 times.</returns>
    public int Grant(long sent, int length, long octetsSent, TimeSpan roundTrip, MonotonicTime now)
    {
        if (_octetsAtRefill < 0) _octetsAtRefill = octetsSent;
        var earned = (octetsSent - _octetsAtRefill) / 5;
        _budget = Math.Min(MaxBudget, _budget + earned);
        _octetsAtRefill += earned * 5;

        ref var resend = ref _recent[sent & (Remembered - 1)];
        if (resend.Sequence != sent) resend = default;
        if (resend.Count > 0 && (resend.Count >= MaxResends || now - resend.At < roundTrip)) return 0;
        if (_budget < length) return 0;
        var copies = resend.Count is > 0 and < MaxResends - 1 && _budget >= 2 * length ? 2 : 1;
        _budget -= copies * length;
        resend = new Resend(sent, now, resend.Count + copies);
        return copies;
    }

    private readonly record struct Resend(long Sequence, MonotonicTime At, int Count);
}
