using Broadcast.Media.Tests.Congestion.Network;
using Broadcast.Testing.Network;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>The estimate in a closed loop with a sender, a bottleneck and a receiver, in virtual time. Times are seconds from the beginning.</summary>
public class ScenarioTests(ITestOutputHelper output)
{
    private static readonly long[] Layers = [250_000, 900_000, 2_500_000];

    private static readonly Dictionary<string, Action<int>> Scenarios = new()
    {
        ["Capacity that falls from 3 Mbit/s to 600 kbit/s is found within 1.5 s and the queue drains within 3 s"] = StepDown,
        ["Capacity that rises from 600 kbit/s to 3 Mbit/s is found"] = StepUp,
        ["A stable link of 3 Mbit/s is used to 85 %"] = seed => Utilisation(seed, keyframes: false, 0.85),
        ["A stable link of 3 Mbit/s is used to 80 % by media with large keyframes"] = seed => Utilisation(seed, keyframes: true, 0.80),
        ["2 % of loss with ample capacity keep the best layer"] = seed => RandomLoss(seed, 0.02),
        ["10 % of loss with ample capacity keep the best layer"] = seed => RandomLoss(seed, 0.10),
        ["Loss in bursts with ample capacity keeps the best layer"] = BurstLoss,
        ["A round trip of 500 ms is no congestion"] = LongRoundTrip,
        ["Jitter of 30 ms is no congestion"] = Jitter,
        ["A policer is found by its loss"] = Policed,
        ["5 s without anything arriving are over 3 s later"] = Outage,
        ["Two viewers share a link"] = TwoViewers,
        ["A download leaves about a quarter"] = Download,
    };

    /// <summary>
    /// Seeds of a hundred that are known to miss their bound: the estimate stays too low in them, or falls in one step more than there is
    /// time for, since the first step believes only a part of what it sees.
    /// </summary>
    private static readonly Dictionary<string, int> Tolerated = new()
    {
        ["A policer is found by its loss"] = 6,
        ["Two viewers share a link"] = 6,
        ["Capacity that falls from 3 Mbit/s to 600 kbit/s is found within 1.5 s and the queue drains within 3 s"] = 4,
        ["A download leaves about a quarter"] = 3,
    };

    public static TheoryData<string> Names => [.. Scenarios.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Holds(string scenario) => ForSeeds(1, 3, Scenarios[scenario], 0);

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Category", "Long")]
    public void Holds_for_a_hundred_seeds(string scenario) => ForSeeds(4, 100, Scenarios[scenario], Tolerated.GetValueOrDefault(scenario));

    private void ForSeeds(int first, int count, Action<int> scenario, int tolerated)
    {
        var failures = new List<string>();
        for (var seed = first; seed < first + count; seed++)
        {
            try
            {
                scenario(seed);
            }
            catch (XunitException failure)
            {
                failures.Add($"seed {seed}: {failure.Message}");
            }
        }

        foreach (var failure in failures) output.WriteLine(failure);
        Assert.True(failures.Count <= tolerated, string.Join(Environment.NewLine, failures));
    }

    private static void StepDown(int seed)
    {
        var run = new ScenarioRun(3_000_000, seed);
        run.Viewer.Sender.KeyframeInterval = 0;
        run.Run(20);
        run.Link.BitsPerSecond = 600_000;
        run.Run(1.5);
        InRange(run.Sent(1.5), 100_000, 600_000, "sent");
        run.Run(22);
        InRange(run.Trace.QueueMilliseconds(0, 22.5, 23.1), 0, 60, "queue");
        InRange(run.Trace.MeanReceived(25, 45), 420_000, 600_000, "received");
    }

    private static void StepUp(int seed)
    {
        var run = new ScenarioRun(600_000, seed);
        run.Run(20);
        run.Link.BitsPerSecond = 3_000_000;
        run.Run(40);
        InRange(run.Trace.FirstAtLeast(2_400_000, 20), 20, 50, "found at");
    }

    private static void Utilisation(int seed, bool keyframes, double share)
    {
        var run = new ScenarioRun(3_000_000, seed);
        if (!keyframes) run.Viewer.Sender.KeyframeInterval = 0;
        run.Run(60);
        InRange(run.Trace.MeanReceived(10, 60), share * 3_000_000, 3_000_000, "received");
        InRange(run.Trace.QueueMilliseconds(95, 10, 60), 0, 200, "queue");
    }

    private static void RandomLoss(int seed, double loss)
    {
        var run = new ScenarioRun(20_000_000, seed);
        run.Viewer.Sender.Layers = Layers;
        run.Link.Loss = loss;
        run.Run(60);
        InRange(run.Trace.MeanReceived(10, 60), Layers[^1] * (1 - loss) * 0.95, Layers[^1] * 1.2, "received");
    }

    private static void BurstLoss(int seed)
    {
        var run = new ScenarioRun(20_000_000, seed);
        run.Viewer.Sender.Layers = Layers;
        run.Link.Bursts = new GilbertLoss(ToBad: 0.004, ToGood: 0.15, LossWhenBad: 0.6);
        run.Run(60);
        InRange(run.Trace.MeanReceived(10, 60), Layers[^1] * 0.9, Layers[^1] * 1.2, "received");
    }

    private static void LongRoundTrip(int seed)
    {
        var run = new ScenarioRun(3_000_000, seed, TimeSpan.FromMilliseconds(250));
        run.Run(60);
        InRange(run.Trace.MeanReceived(15, 60), 0.75 * 3_000_000, 3_000_000, "received");
        InRange(run.Trace.QueueMilliseconds(90, 15, 60), 0, 250, "queue");
    }

    private static void Jitter(int seed)
    {
        var run = new ScenarioRun(3_000_000, seed);
        run.Link.Jitter = TimeSpan.FromMilliseconds(30);
        run.Run(60);
        InRange(run.Trace.MeanReceived(10, 60), 0.7 * 3_000_000, 3_000_000, "received");
    }

    private static void Policed(int seed)
    {
        var run = new ScenarioRun(0, seed);
        run.Link.Policer = new Policer(1_500_000, 30_000);
        run.Run(20);
        var (policed, sent) = (run.Link.Policed, run.Link.Sent);
        run.Run(60);
        InRange(run.Trace.MeanReceived(20, 80), 0.7 * 1_500_000, 1_510_000, "received");
        InRange((double)(run.Link.Policed - policed) / (run.Link.Sent - sent), 0, 0.15, "loss");
    }

    private static void Outage(int seed)
    {
        var run = new ScenarioRun(3_000_000, seed);
        run.Viewer.Sender.MaxBitsPerSecond = 2_000_000;
        run.Run(20);
        run.Link.IsOut = true;
        run.Run(4);
        InRange(run.Sent(1), 0, 1_000_000, "sent in vain");
        run.Link.IsOut = false;
        run.Run(20);
        InRange(run.Trace.FirstAtLeast(2_000_000, 25), 25, 28, "recovered at");
        InRange(run.Trace.MeanReceived(28, 45), 0.9 * 2_000_000, 2_200_000, "received");
    }

    private static void TwoViewers(int seed)
    {
        var run = new ScenarioRun(4_000_000, seed);
        run.Run(5);
        var other = run.AddViewer();
        run.Viewer.Sender.KeyframeInterval = other.Sender.KeyframeInterval = 0;
        run.Run(115);
        var (first, second) = (run.Trace.MeanReceived(60, 120), other.Trace.MeanReceived(55, 115));
        InRange(first / (first + second), 0.35, 0.65, "share");
        InRange(first + second, 0.8 * 4_000_000, 4_010_000, "together");
    }

    private static void Download(int seed)
    {
        var run = new ScenarioRun(3_000_000, seed);
        run.Viewer.Sender.KeyframeInterval = 0;
        run.Run(10);
        run.Network.AddTcp();
        run.Run(110);
        InRange(run.Trace.MeanReceived(20, 120), 0.23 * 3_000_000, 3_000_000, "received");
    }

    private static void InRange(double value, double low, double high, string what) =>
        Assert.True(value >= low && value <= high, $"{what}: {value:0.##} is not between {low:0.##} and {high:0.##}");
}
