using Broadcast.Rtc;

namespace Broadcast.Media.Receive;

/// <summary>
/// Tells which encodings of a picture are held up: silent, or with holes that nobody fills, while a smaller one goes on. A publisher whose
/// network has become narrow gives up its best encoding like this, and its viewers shall not wait until the silence is beyond doubt.
/// </summary>
/// <remarks>Owned by the publisher's worker; not thread-safe.</remarks>
internal sealed class HeldUpEncodings(ReceiveTrack[] encodings)
{
    /// <summary>How often it wants to look.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>No repair takes so long, unless the round trip is long.</summary>
    private static readonly TimeSpan MinLag = TimeSpan.FromMilliseconds(400);

    /// <summary>Round trips in which a hole is filled, also when three repairs were lost.</summary>
    private const int RoundTrips = 4;

    /// <summary>A bad radio loses less.</summary>
    private const double MuchMissing = 0.25;

    /// <summary>Pictures of a smaller encoding that show that there is something to send.</summary>
    private const int Pictures = 8;

    /// <summary>For how long an encoding must have arrived in time to count again.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(1);

    private readonly bool[] _isHeldUp = new bool[encodings.Length];
    private readonly MonotonicTime[] _inTimeSince = new MonotonicTime[encodings.Length];
    private readonly long[] _framesOfOthers = new long[encodings.Length * encodings.Length];

    /// <summary>True while an encoding is held up.</summary>
    public bool this[int encoding] => _isHeldUp[encoding];

    /// <summary>Looks anew.</summary>
    /// <returns>True when something has changed.</returns>
    public bool Look(MonotonicTime now)
    {
        var changed = false;
        for (var i = 0; i < encodings.Length; i++)
        {
            if (!encodings[i].HasMedia || encodings[i].Layers is not { IsScreen: false }) continue;
            var wasHeldUp = _isHeldUp[i];
            _isHeldUp[i] = wasHeldUp ? !HasRecovered(i, now) : IsStuck(i, now);
            changed |= _isHeldUp[i] != wasHeldUp;
        }

        return changed;
    }

    private bool IsStuck(int encoding, MonotonicTime now)
    {
        if (IsInTime(encoding, now))
        {
            for (var i = 0; i < encodings.Length; i++) _framesOfOthers[(encoding * encodings.Length) + i] = encodings[i].Frames;
            return false;
        }

        var (track, patience) = (encodings[encoding], Patience(encoding));
        if (now - track.WholeUntil < patience) return false;

        // One hole that chance keeps open is soon filled, or given up for a keyframe: that is no reason to go.
        if (now - track.LastMedia < patience && track.MissingShare < MuchMissing) return false;
        for (var i = 0; i < encodings.Length; i++)
        {
            if (!IsSmaller(encodings[i], track) || !IsInTime(i, now)) continue;
            if (encodings[i].Frames - _framesOfOthers[(encoding * encodings.Length) + i] < Pictures) continue;
            _inTimeSince[encoding] = MonotonicTime.Never;
            return true;
        }

        return false;
    }

    private bool HasRecovered(int encoding, MonotonicTime now)
    {
        if (!IsInTime(encoding, now)) _inTimeSince[encoding] = MonotonicTime.Never;
        else if (_inTimeSince[encoding] == MonotonicTime.Never) _inTimeSince[encoding] = now;
        return _inTimeSince[encoding] != MonotonicTime.Never && now - _inTimeSince[encoding] >= Recovery;
    }

    private bool IsInTime(int encoding, MonotonicTime now) => now - encodings[encoding].WholeUntil < Patience(encoding) / 2;

    private TimeSpan Patience(int encoding)
    {
        var repairs = encodings[encoding].RoundTrip * RoundTrips;
        return repairs > MinLag ? repairs : MinLag;
    }

    private static bool IsSmaller(ReceiveTrack a, ReceiveTrack b) => a.Width > 0 && (long)a.Width * a.Height < (long)b.Width * b.Height;
}
