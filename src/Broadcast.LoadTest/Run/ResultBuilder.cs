using Broadcast.Client.Connections;
using Broadcast.LoadTest.Options;
using Broadcast.LoadTest.Report;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Run;

/// <summary>All counts at one moment.</summary>
internal sealed record RunSnapshot(MonotonicTime At, LoopCounters Totals, ProcessSampler.Sample Server, TimeSpan ToolCpu);

/// <summary>Works out the result from snapshots around the join phase and around the window.</summary>
internal sealed class ResultBuilder(LoadOptions options, Viewer[] viewers, RunSnapshot beforeJoins, RunSnapshot afterJoins, RunSnapshot begin, RunSnapshot end)
{
    // A viewer that got nothing for this long at the end of the window is not watching.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly double _seconds = (end.At - begin.At).TotalSeconds;
    private readonly long _packets = end.Totals.MediaPackets - begin.Totals.MediaPackets;

    /// <summary>Delays of the window.</summary>
    public required Histogram Delay { get; init; }

    /// <summary>The longest pause of each viewer in the window.</summary>
    public required Histogram Pauses { get; init; }

    /// <summary>Datagrams that found the tool's sockets full, over the whole run.</summary>
    public required long ReceiveDrops { get; init; }

    private double CpuPerPacket => PerPacket(end.Server.Cpu - begin.Server.Cpu);

    private double ToolCpuPerPacket => PerPacket(end.ToolCpu - begin.ToolCpu);

    /// <summary>The result.</summary>
    public LoadResult Build() => new(Run(), Joins(), Media(), options.ServerProcesses.Count == 0 ? null : Server(), Tool());

    private LoadResult.RunPart Run() => new(
        options.Server.ToString(),
        options.Peer.ToString().ToLowerInvariant(),
        options.Codec.ToString().ToLowerInvariant(),
        options.Profile?.ToString() ?? "any",
        options.Pacing.ToString().ToLowerInvariant(),
        options.Audio,
        options.Tcp,
        options.Viewers,
        options.Publishers,
        options.Bitrate,
        _seconds,
        DateTimeOffset.UtcNow);

    private LoadResult.JoinPart Joins()
    {
        var times = new Histogram();
        var connects = new Histogram();
        var signalling = new Histogram();
        var last = beforeJoins.At;
        var lastConnected = beforeJoins.At;
        var playing = 0;
        foreach (var viewer in viewers)
        {
            if (viewer.HasJoined) signalling.Add(viewer.SignallingTime);
            if (viewer.Error is not null || !viewer.IsPlaying) continue;
            playing++;
            times.Add(viewer.JoinTime);
            connects.Add(viewer.ConnectTime);
            lastConnected = MonotonicTime.Max(lastConnected, viewer.Session!.ConnectedAt);
            last = MonotonicTime.Max(last, viewer.Session.PlayingSince);
        }

        var seconds = (last - beforeJoins.At).TotalSeconds;
        var errors = viewers.Where(viewer => viewer.Error is not null).GroupBy(viewer => viewer.Error!).OrderByDescending(group => group.Count()).Take(5);
        return new LoadResult.JoinPart(
            playing,
            viewers.Length - playing,
            [.. errors.Select(group => $"{group.Count()} × {group.Key}")],
            seconds,
            PerSecond(playing, last),
            PerSecond(playing, lastConnected),
            LoadResult.Distribution.Of(times),
            LoadResult.Distribution.Of(connects),
            LoadResult.Distribution.Of(signalling),
            options.ServerProcesses.Count == 0 ? null : JoinCpu(afterJoins.Server.Cpu - beforeJoins.Server.Cpu, CpuPerPacket, playing),
            afterJoins.Totals.Lost - beforeJoins.Totals.Lost,
            afterJoins.Totals.PlisReceived - beforeJoins.Totals.PlisReceived);
    }

    private double PerPacket(TimeSpan cpu) => _packets == 0 ? 0 : cpu.TotalMicroseconds / _packets;

    private double PerSecond(int playing, MonotonicTime until) => playing == 0 ? 0 : playing / (until - beforeJoins.At).TotalSeconds;

    private double? JoinCpu(TimeSpan cpu, double perPacket, int playing)
    {
        if (playing == 0) return null;
        var joining = cpu.TotalMicroseconds - (perPacket * (afterJoins.Totals.MediaPackets - beforeJoins.Totals.MediaPackets));
        return joining > 0 ? joining / 1000 / playing : null; // an overloaded machine forwards dearer in the window than before
    }

    private LoadResult.MediaPart Media()
    {
        var (from, to) = (begin.Totals, end.Totals);
        var lost = to.Lost - from.Lost;
        return new LoadResult.MediaPart(
            _packets,
            _packets / _seconds,
            (to.MediaBytes - from.MediaBytes) * 8 / _seconds,
            lost,
            lost == 0 ? 0 : lost / (double)(_packets + lost),
            to.Repaired - from.Repaired,
            to.Retransmissions - from.Retransmissions,
            to.Duplicates - from.Duplicates,
            to.Verified - from.Verified,
            to.AuthenticationFailures,
            to.NacksSent - from.NacksSent,
            to.PlisSent - from.PlisSent,
            to.SenderReports - from.SenderReports,
            to.Published - from.Published,
            viewers.Count(viewer => viewer is { IsPlaying: true, Session.EndReason: null } && end.At - viewer.Session.LastPacketAt > Silence),
            viewers.Count(viewer => viewer is { IsPlaying: true, Session.EndReason: not null }),
            LoadResult.Distribution.Of(Delay),
            LoadResult.Distribution.Of(Pauses));
    }

    private LoadResult.ServerPart Server()
    {
        var cpu = (end.Server.Cpu - begin.Server.Cpu).TotalSeconds;
        return new LoadResult.ServerPart(
            cpu,
            cpu / _seconds,
            CpuPerPacket,
            beforeJoins.Server.ResidentBytes,
            end.Server.ResidentBytes,
            viewers.Length == 0 ? 0 : (end.Server.ResidentBytes - beforeJoins.Server.ResidentBytes) / (double)viewers.Length);
    }

    private LoadResult.ToolPart Tool()
    {
        var cpu = (end.ToolCpu - begin.ToolCpu).TotalSeconds;
        var playing = viewers.Count(viewer => viewer.IsPlaying);
        return new LoadResult.ToolPart(cpu, cpu / _seconds, ToolCpuPerPacket, JoinCpu(afterJoins.ToolCpu - beforeJoins.ToolCpu, ToolCpuPerPacket, playing), ReceiveDrops);
    }
}
