using System.Collections.Concurrent;
using System.Net;
using Broadcast.RelayPlane;

namespace Broadcast.Grains.Tests.Cluster;

/// <summary>A media plane that does at once what it is told and carries whatever its parent carries.</summary>
internal sealed class FakeRelayPlane(string nodeId, ConcurrentDictionary<string, FakeRelayPlane> world) : IRelayPlane
{
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, CarriedStream> _streams = [];
    private readonly Dictionary<Guid, LinkAnswer> _links = [];
    private readonly List<(Func<bool> Condition, TaskCompletionSource Done)> _waiting = [];
    private readonly List<RelayCommand> _commands = [];

    /// <summary>Media arrives as soon as a parent is given; false: it never does.</summary>
    public bool MediaArrives { get; set; } = true;

    public RelayLoad Load { get; set; } = new()
    {
        CapacityBitsPerSecond = 1_000_000_000,
        CapacityPacketsPerSecond = 200_000,
        CapacityViewers = 1000,
        CapacityChildren = 8,
    };

    public IRelayControl Control { get; private set; } = null!;

    /// <summary>All commands so far.</summary>
    public IReadOnlyList<RelayCommand> Commands
    {
        get
        {
            lock (_lock) return [.. _commands];
        }
    }

    public IReadOnlyList<CarriedStream> Carried
    {
        get
        {
            lock (_lock) return [.. _streams.Values.Select(Complete)];
        }
    }

    public void Connect(IRelayControl control) => Control = control;

    public LinkAnswer? AcceptLink(LinkRequest request)
    {
        lock (_lock)
        {
            if (!_links.TryGetValue(request.Attempt, out var answer))
                _links[request.Attempt] = answer = new LinkAnswer(request.Attempt, new byte[32], "ufrag" + _links.Count, "password", [IPEndPoint.Parse("127.0.0.1:8181"), IPEndPoint.Parse("[::1]:8181")]);
            return answer;
        }
    }

    public void Apply(RelayCommand command)
    {
        var active = false;
        lock (_lock)
        {
            _commands.Add(command);
            var before = _streams.GetValueOrDefault(command.StreamId) ?? new CarriedStream { StreamId = command.StreamId };
            active = !before.IsActive;
            switch (command)
            {
                case BecomeRoot:
                    _streams[command.StreamId] = before with { Stamp = command.Stamp, IsRoot = true, IsActive = MediaArrives, ParentNodeId = null, StandbyNodeId = null, BitsPerSecond = 2e6, PacketsPerSecond = 250 };
                    break;
                case Attach attach:
                    _streams[command.StreamId] = Fed(before, command.Stamp, attach.ParentNodeId, attach.StandbyNodeId);
                    break;
                case SwitchParent change:
                    _streams[command.StreamId] = Fed(before, command.Stamp, change.ParentNodeId, change.StandbyNodeId);
                    break;
                case SetStandby standby:
                    _streams[command.StreamId] = before with { Stamp = command.Stamp, StandbyNodeId = standby.StandbyNodeId };
                    break;
                case Detach:
                    _streams.TryRemove(command.StreamId, out _);
                    break;
            }

            active &= _streams.GetValueOrDefault(command.StreamId)?.IsActive == true;
        }

        if (active) Control.Report(new StreamActive(command.StreamId, command.Stamp));
        Wake();
    }

    public bool Carries(string streamId) => Find(streamId)?.IsActive == true;

    public CarriedStream? Find(string streamId)
    {
        lock (_lock) return _streams.TryGetValue(streamId, out var carried) ? Complete(carried) : null;
    }

    /// <summary>Changes what the media plane says of a stream, as its own events would.</summary>
    public void Set(string streamId, Func<CarriedStream, CarriedStream> change)
    {
        lock (_lock) _streams[streamId] = change(_streams[streamId]);
        Wake();
    }

    /// <summary>Completes when the condition holds after a command.</summary>
    public Task WaitForAsync(Func<bool> condition)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _waiting.Add((condition, done));
        Wake();
        return done.Task.WaitAsync(Hosting.TestSilos.Patience);
    }

    /// <summary>Completes when the stream comes from this parent.</summary>
    public Task WaitForParentAsync(string streamId, string parent) => WaitForAsync(() => Find(streamId)?.ParentNodeId == parent);

    // The path as frames of the links would tell it; children as the others say.
    private CarriedStream Complete(CarriedStream carried)
    {
        var path = new List<string>();
        for (var at = carried.ParentNodeId; at is not null && !path.Contains(at); at = world.GetValueOrDefault(at)?.ParentOf(carried.StreamId)) path.Insert(0, at);
        return carried with { Path = path, Children = world.Values.Count(plane => plane != this && plane.ParentOf(carried.StreamId) == nodeId) };
    }

    // Without the lock: planes look at each other.
    private string? ParentOf(string streamId) => _streams.TryGetValue(streamId, out var carried) ? carried.ParentNodeId : null;

    private CarriedStream Fed(CarriedStream before, StreamStamp stamp, string parent, string? standby) =>
        before with { Stamp = stamp, IsRoot = false, IsActive = MediaArrives, ParentNodeId = parent, StandbyNodeId = standby };

    private void Wake()
    {
        (Func<bool> Condition, TaskCompletionSource Done)[] waiting;
        lock (_lock) waiting = [.. _waiting];
        foreach (var (condition, done) in waiting)
        {
            if (condition()) done.TrySetResult();
        }
    }
}
