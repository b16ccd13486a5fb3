using Broadcast.Media.Relay;
using Broadcast.MediaNode.Sessions;
using Broadcast.MediaNode.Telemetry;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Relay;

/// <summary>What the control side knows of a stream that comes from other nodes. Guarded by the media plane's control lock.</summary>
internal sealed class RelayedStream(RelayInbound inbound)
{
    private readonly Dictionary<string, MonotonicTime> _failed = [];
    private MonotonicTime _sampledAt;
    private (long Expected, long Received) _counts;
    private long _bytes;

    /// <summary>The receiving side; belongs to worker 0.</summary>
    public RelayInbound Inbound { get; } = inbound;

    /// <summary>Its attachment or healing, as far as somebody traces it.</summary>
    public RelayTrace Trace { get; } = new();

    /// <summary>Who shall feed it.</summary>
    public string? Parent { get; set; }

    /// <summary>Who shall stand by.</summary>
    public string? Standby { get; set; }

    /// <summary>When somebody last watched it here, or a child took it.</summary>
    public MonotonicTime NeededAt { get; set; }

    /// <summary>The control plane knows that nobody needs it.</summary>
    public bool IsIdle { get; set; }

    /// <summary>The rates of the present publication's tracks.</summary>
    public TrackRates[] Tracks { get; private set; } = [];

    /// <summary>What came from the parent over the last second, headers included.</summary>
    public double BitsPerSecond { get; private set; }

    /// <summary>What the parent sent and did not come, before repairs, over the last second: 0 to 1.</summary>
    public double FractionLost { get; private set; }

    /// <summary>Begins with another publication.</summary>
    public void Begin(MonotonicTime now)
    {
        var inbound = Inbound;
        if (inbound.Publication is not { } publication) return;
        Tracks = [.. inbound.Tracks.GroupBy(track => track.Media.Kind).Select(encodings => new TrackRates([.. encodings], publication))];
        _sampledAt = now;
    }

    /// <summary>Takes the rates of the time since the last call.</summary>
    public void Sample(MonotonicTime now)
    {
        var seconds = (now - _sampledAt).TotalSeconds;
        _sampledAt = now;
        foreach (var track in Tracks) track.Sample(seconds);
        var (counts, bytes) = (Inbound.LinkCounts, Inbound.Bytes);
        var expected = counts.Expected - _counts.Expected;
        var lost = expected - (counts.Received - _counts.Received);
        FractionLost = expected > 0 && lost > 0 ? Math.Min(1, (double)lost / expected) : 0;
        BitsPerSecond = seconds > 0 ? (bytes - _bytes) * 8 / seconds : 0;
        (_counts, _bytes) = (counts, bytes);
    }

    /// <summary>Notes that a parent could not be had.</summary>
    public void Fail(string nodeId, MonotonicTime now) => _failed[nodeId] = now;

    /// <summary>Parents that could not be had within the last seconds.</summary>
    public string[] FailedSince(MonotonicTime since) => [.. _failed.Where(failed => failed.Value >= since).Select(failed => failed.Key)];
}
