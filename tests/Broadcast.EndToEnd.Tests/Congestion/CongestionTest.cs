using System.Globalization;
using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Network;
using Broadcast.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Congestion;

/// <summary>A picture in three encodings, a bad network on the way to its viewer, and a row of the table that tests/benchmarks/run-congestion.sh makes.</summary>
public abstract class CongestionTest(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    protected const long Wide = 3_000_000;
    protected const long Narrow = 600_000;
    protected const double Loss = 0.05;

    /// <summary>With sound, headers and the two other layers, what comes from the publisher just fits <see cref="Wide"/>.</summary>
    protected const int BestBitrate = 1_800_000;

    protected const int FramesPerSecond = 30;
    protected static readonly TimeSpan Near = TimeSpan.FromMilliseconds(25);
    protected static readonly TimeSpan Far = TimeSpan.FromMilliseconds(40);

    /// <summary>How long the estimates of a network have to settle.</summary>
    protected static readonly TimeSpan Settling = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan Narrowness = TimeSpan.FromSeconds(15);

    /// <summary>Lets the page go on for so long: a schedule of what happens to it, and not a wait for anything.</summary>
    protected static async Task WaitAsync(Tab tab, TimeSpan time) => await tab.EvaluateAsync<object?>("(milliseconds) => e2e.wait(milliseconds)", time.TotalMilliseconds);

    /// <summary>Narrows a line that is wide, and widens it again.</summary>
    protected async Task<Span> NarrowForAWhileAsync(Bottleneck line, Tab viewer, int bestWidth, TimeSpan wideAgain)
    {
        await PictureTrace.StartAsync(viewer);
        await WaitAsync(viewer, Settling);
        await PrintStateAsync("wide");
        line.BitsPerSecond = Narrow;
        var fell = await PictureTrace.NowAsync(viewer);
        await WaitAsync(viewer, Narrowness);
        await PrintStateAsync("narrow");
        line.BitsPerSecond = Wide;
        var rose = await PictureTrace.NowAsync(viewer);
        await WaitAsync(viewer, wideAgain);
        await PrintStateAsync("wide again");

        var trace = await PictureTrace.OfAsync(viewer);
        var from = trace.Shown[0].AtMs;
        Output.WriteLine($"fell at {(fell - from) / 1000:F1} s, rose at {(rose - from) / 1000:F1} s; {trace.Widths()}");
        return new Span(trace, fell)
        {
            SmallerAfter = trace.SecondsUntilNarrower(bestWidth, fell),
            BestAfter = trace.SecondsUntilBackAt(bestWidth, rose),
            BitsPerSecond = trace.BitsPerSecond(fell, rose),
        };
    }

    /// <summary>Looks for twenty seconds, and compares what is decoded with what is sent of the best layer.</summary>
    protected async Task<Span> LookAsync(Tab viewer, Tab publisher, string bestRid)
    {
        await PictureTrace.StartAsync(viewer);
        var (from, before) = (await PictureTrace.NowAsync(viewer), await SentFrames.OfAsync(publisher, bestRid));
        await WaitAsync(viewer, TimeSpan.FromSeconds(20));
        var (trace, after) = (await PictureTrace.OfAsync(viewer), await SentFrames.OfAsync(publisher, bestRid));
        var sent = after.PerSecondSince(before);
        Output.WriteLine($"{sent:F1} fps sent, {trace.FramesPerSecond(from):F1} decoded; {trace.Widths()}");
        await PrintStateAsync("at the end");
        return new Span(trace, from) { ShareDecoded = trace.FramesPerSecond(from) / sent, BitsPerSecond = trace.BitsPerSecond(from, trace.UntilMs) };
    }

    /// <summary>Prints a row of the table. An encoder that is told to make nothing of a layer also pauses; that is left out.</summary>
    protected async Task PrintAsync(string name, Tab publisher, Span span)
    {
        var encoder = (await LayeredVideo.GapsAsync(publisher, 100)).Where(gap => gap.To >= span.FromMs && gap.Length < 5000).Select(gap => gap.Length).DefaultIfEmpty().Max();
        var missed = span.Trace.Shown.Sum(picture => picture.Missed);
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {span.PauseMs:F0} | {span.Trace.LongestDecoderPauseMs(span.FromMs):F0} | {span.Trace.FrozenSeconds(span.FromMs):F2} | {span.SmallerAfter:F1} | {span.BestAfter:F1} | {span.ShareDecoded * FramesPerSecond:F1} | {span.BitsPerSecond / 1000:F0} | {encoder:F0} |"));
        Output.WriteLine($"{span.Trace.Shown.Length} pictures seen, {missed} missed by the page");
    }

    /// <summary>Prints what the server says.</summary>
    protected virtual Task PrintStateAsync(string when) => Task.CompletedTask;

    /// <summary>What was seen from a moment on.</summary>
    protected sealed record Span(PictureTrace Trace, double FromMs)
    {
        public double PauseMs => Trace.LongestPauseMs(FromMs);

        /// <summary>Seconds from the fall to a smaller picture.</summary>
        public double? SmallerAfter { get; init; }

        /// <summary>Seconds from the rise to the best one, which stays.</summary>
        public double? BestAfter { get; init; }

        /// <summary>Of the pictures sent, 0 to 1.</summary>
        public double? ShareDecoded { get; init; }

        /// <summary>Of video that came to the viewer, while the network was bad.</summary>
        public double BitsPerSecond { get; init; }
    }

    /// <summary>The publisher's counter for one encoding.</summary>
    private sealed class SentFrames
    {
        public double Timestamp { get; set; }

        public int Sent { get; set; }

        public static Task<SentFrames> OfAsync(Tab publisher, string rid) => publisher.EvaluateAsync<SentFrames>(
            """
            async (rid) => {
              const { timestamp, framesSent } = (await e2e.reports('outbound-rtp', 'video')).find((report) => report.rid === rid);
              return { timestamp, sent: framesSent };
            }
            """, rid);

        public double PerSecondSince(SentFrames earlier) => (Sent - earlier.Sent) * 1000 / (Timestamp - earlier.Timestamp);
    }
}
