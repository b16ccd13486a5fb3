using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>What a publisher without transport-cc is told by REMB: grows 8 % a second while loss is below 2 %, falls by half the loss above 10 %.</summary>
/// <remarks>The loss-based rule of draft-ietf-rmcat-gcc-02 §6, applied by the receiver. Owned by one MediaWorker.</remarks>
public sealed class LossBasedReceiveEstimator(long startBitsPerSecond, long maxBitsPerSecond)
{
    /// <summary>Never less than this: audio and a thumbnail.</summary>
    public const long MinBitsPerSecond = 150_000;

    private MonotonicTime _last;
    private bool _started;

    /// <summary>The present estimate.</summary>
    public long BitsPerSecond { get; private set; } = Math.Min(startBitsPerSecond, maxBitsPerSecond);

    /// <summary>Takes the loss of one report interval, in 1/256, and the rate received in it.</summary>
    public void Update(byte fractionLost, long receivedBitsPerSecond, MonotonicTime now)
    {
        var seconds = _started ? Math.Min((now - _last).TotalSeconds, 1) : 0;
        _last = now;
        _started = true;
        var loss = fractionLost / 256.0;
        var rate = (double)BitsPerSecond;

        // Without the cap a quiet publisher would be promised what nobody has measured.
        if (loss < 0.02) rate = Math.Max(rate, Math.Min(rate * (1 + (0.08 * seconds)), Math.Max(receivedBitsPerSecond * 2.0, startBitsPerSecond)));
        else if (loss > 0.10) rate *= 1 - (0.5 * loss);
        BitsPerSecond = Math.Clamp((long)rate, Math.Min(MinBitsPerSecond, maxBitsPerSecond), maxBitsPerSecond);
    }
}
