using Broadcast.Media.Congestion;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>A target by loss alone, under a ceiling in the place of the estimate by delay.</summary>
public sealed class LossOnlyControl(long startBitsPerSecond, long ceiling) : RecordingControl(startBitsPerSecond)
{
    private readonly Queue<(MonotonicTime SentAt, int Bytes)> _acknowledged = new();
    private long _bytes;

    /// <summary>What decides.</summary>
    public LossBasedControl Loss { get; } = new(startBitsPerSecond);

    /// <inheritdoc/>
    protected override void OnResults(ReadOnlySpan<PacketResult> results, MonotonicTime now)
    {
        foreach (var result in results)
        {
            if (!result.IsReceived) continue;
            _acknowledged.Enqueue((result.SentAt, result.Bytes));
            _bytes += result.Bytes;
        }

        var window = TimeSpan.FromMilliseconds(500);
        while (_acknowledged.TryPeek(out var oldest) && now - oldest.SentAt > window + TimeSpan.FromMilliseconds(100)) _bytes -= _acknowledged.Dequeue().Bytes;
        Loss.Update(results, ceiling, (long)(_bytes * 8 / window.TotalSeconds), false, now);
        BitsPerSecond = Loss.BitsPerSecond;
    }
}
