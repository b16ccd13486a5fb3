using System.Diagnostics;
using Broadcast.Signalling.Telemetry;
using OpenTelemetry.Trace;

namespace Broadcast.Server.Telemetry;

/// <summary>Decides which joins and healings are traced.</summary>
/// <remarks>
/// What is part of a trace of this node, or of another node of the cluster, is recorded when that is. What a stranger's request says is a
/// wish: it counts like the share that is traced anyway, within a number of traces in a second. Everything else that could begin a
/// trace, such as the reports of nodes to each other once a second, does not.
/// </remarks>
internal sealed class TraceSampler(double ratio, int perSecond, TimeProvider time, Random random) : Sampler
{
    private static readonly SamplingResult Drop = new(SamplingDecision.Drop);
    private static readonly SamplingResult Record = new(SamplingDecision.RecordAndSample);

    private readonly Lock _lock = new();
    private double _tokens = perSecond;
    private long _refilledAt = time.GetTimestamp();

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var isWanted = (parent.TraceFlags & ActivityTraceFlags.Recorded) != 0;
        return samplingParameters.Name switch
        {
            SignallingTraces.Publish or SignallingTraces.Watch => (isWanted || IsDrawn()) && TryTake() ? Record : Drop,
            "relay.heal" when parent.TraceId == default => TryTake() ? Record : Drop,
            _ => isWanted ? Record : Drop,
        };
    }

    private bool IsDrawn()
    {
        if (ratio is 0 or 1) return ratio == 1;
        lock (_lock) return random.NextDouble() < ratio;
    }

    private bool TryTake()
    {
        lock (_lock)
        {
            _tokens = Math.Min(perSecond, _tokens + (time.GetElapsedTime(_refilledAt).TotalSeconds * perSecond));
            _refilledAt = time.GetTimestamp();
            if (_tokens < 1) return false;
            _tokens--;
            return true;
        }
    }
}
