using Broadcast.Testing;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>What a flow did over time, every 100 ms, for assertions about stretches of it.</summary>
public sealed class FlowTrace
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly List<Sample> _samples = [];

    /// <summary>Begins to look.</summary>
    public FlowTrace(VirtualClock clock, VirtualLink link, VirtualReceiver receiver, ISendControl control)
    {
        long bytes = 0;
        clock.Every(Interval, () =>
        {
            var received = (receiver.Bytes - bytes) * 8 / Interval.TotalSeconds;
            bytes = receiver.Bytes;
            _samples.Add(new Sample(control.BitsPerSecond, received, link.QueueDelay));
            return true;
        });
    }

    /// <summary>The mean target between two moments, in seconds since the beginning.</summary>
    public double MeanTarget(double from, double to) => Between(from, to).Average(sample => (double)sample.Target);

    /// <summary>The highest target.</summary>
    public long MaxTarget(double from, double to) => Between(from, to).Max(sample => sample.Target);

    /// <summary>The lowest target.</summary>
    public long MinTarget(double from, double to) => Between(from, to).Min(sample => sample.Target);

    /// <summary>What arrived, bits per second.</summary>
    public double MeanReceived(double from, double to) => Between(from, to).Average(sample => sample.ReceivedBitsPerSecond);

    /// <summary>How long the queue of the link was, in milliseconds, at a percentile of 0 to 100.</summary>
    public double QueueMilliseconds(double percentile, double from, double to)
    {
        var sorted = Between(from, to).Select(sample => sample.Queue.TotalMilliseconds).Order().ToArray();
        return sorted[(int)Math.Min(sorted.Length - 1, percentile / 100 * sorted.Length)];
    }

    /// <summary>When, in seconds since the beginning, the target was at least so high; infinity for never.</summary>
    public double FirstAtLeast(long bitsPerSecond, double from = 0)
    {
        var first = (int)(from / Interval.TotalSeconds);
        for (var i = first; i < _samples.Count; i++)
        {
            if (_samples[i].Target >= bitsPerSecond) return (i + 1) * Interval.TotalSeconds;
        }

        return double.PositiveInfinity;
    }

    private List<Sample> Between(double from, double to) =>
        _samples[(int)Math.Round(from / Interval.TotalSeconds)..Math.Min(_samples.Count, (int)Math.Round(to / Interval.TotalSeconds))];

    private readonly record struct Sample(long Target, double ReceivedBitsPerSecond, TimeSpan Queue);
}
