using System.Diagnostics;
using Broadcast.Server.Telemetry;
using OpenTelemetry.Trace;

namespace Broadcast.Server.Tests.Telemetry;

/// <summary>Which traces are recorded.</summary>
public class TraceSamplerTests
{
    private static readonly ActivityContext Wanted = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
    private static readonly ActivityContext Unwanted = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, isRemote: true);

    [Theory]
    [InlineData(1, false, true)]
    [InlineData(0, false, false)]
    [InlineData(0, true, true)]
    public void A_join_is_recorded_by_the_ratio_or_the_callers_wish(double ratio, bool wish, bool recorded) =>
        Assert.Equal(recorded, IsRecorded(new TraceSampler(ratio, 10, TimeProvider.System, new Random(1)), "whep", wish ? Wanted : Unwanted));

    [Fact]
    public void The_ratio_is_kept()
    {
        var sampler = new TraceSampler(0.25, 10_000, TimeProvider.System, new Random(1));
        Assert.InRange(Enumerable.Range(0, 4000).Count(_ => IsRecorded(sampler, "whip", default)), 850, 1150);
    }

    [Fact]
    public void No_more_traces_begin_in_a_second_than_are_allowed()
    {
        var time = new SteppedTime();
        var sampler = new TraceSampler(1, 3, time, new Random(1));
        Assert.Equal(3, Enumerable.Range(0, 100).Count(_ => IsRecorded(sampler, "whep", Wanted)));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, Enumerable.Range(0, 100).Count(i => IsRecorded(sampler, i % 2 == 0 ? "whip" : "relay.heal", default)));
    }

    [Fact]
    public void What_belongs_to_a_recorded_trace_is_recorded_and_nothing_else_begins_one()
    {
        var sampler = new TraceSampler(1, 1, TimeProvider.System, new Random(1));
        Assert.True(IsRecorded(sampler, "IPublisherGrain/Join", Wanted));
        Assert.True(IsRecorded(sampler, "ice", Wanted));
        Assert.False(IsRecorded(sampler, "IPublisherGrain/Join", Unwanted));
        Assert.False(IsRecorded(sampler, "INodeDirectoryGrain/Report", default));
    }

    private static bool IsRecorded(TraceSampler sampler, string name, ActivityContext parent) =>
        sampler.ShouldSample(new SamplingParameters(parent, parent.TraceId == default ? ActivityTraceId.CreateRandom() : parent.TraceId, name, ActivityKind.Server)).Decision == SamplingDecision.RecordAndSample;

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
