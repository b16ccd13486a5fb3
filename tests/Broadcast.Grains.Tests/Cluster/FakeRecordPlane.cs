using System.Collections.Concurrent;
using Broadcast.RelayPlane;

namespace Broadcast.Grains.Tests.Cluster;

/// <summary>A recorder that does at once what it is told, of streams that the node's media plane carries.</summary>
internal sealed class FakeRecordPlane(string nodeId, FakeRelayPlane plane) : IRecordPlane
{
    private static long _next = 1_000_000;

    private readonly ConcurrentDictionary<string, NodeRecording> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RecordingFate> _fates = new(StringComparer.Ordinal);

    /// <summary>Another node shall record beside it.</summary>
    public bool WantsStandby { get; init; } = true;

    /// <summary>Recordings that others said they have the whole of.</summary>
    public ConcurrentQueue<string> Superseded { get; } = [];

    public IReadOnlyCollection<string> Streams => [.. _running.Keys];

    public NodeRecording? Find(string streamId) => _running.GetValueOrDefault(streamId);

    public async Task<RecordAnswer> StartAsync(string streamId, bool byPolicy)
    {
        try
        {
            // The order to carry it may still be on its way.
            await plane.WaitForAsync(() => plane.Carries(streamId)).WaitAsync(TimeSpan.FromSeconds(3));
        }
        catch (TimeoutException)
        {
            return new RecordAnswer(null, false, "not here", NotLive: true);
        }

        var fresh = New(byPolicy, null, null);
        var running = _running.GetOrAdd(streamId, fresh);
        return new RecordAnswer(running.Id, ReferenceEquals(running, fresh), "", NotLive: false);
    }

    public string? Stop(string streamId)
    {
        if (!_running.TryRemove(streamId, out var recording)) return null;
        _fates[recording.Id] = RecordingFate.Over;
        return recording.Id;
    }

    public void StandBy(string streamId, string recordingId, string nodeId, bool byPolicy) => _running.TryAdd(streamId, New(byPolicy, recordingId, nodeId));

    public Task<RecordingFate> FateOfAsync(string recordingId) => Task.FromResult(
        _fates.TryGetValue(recordingId, out var fate) ? fate : _running.Values.Any(recording => recording.Id == recordingId) ? RecordingFate.Running : RecordingFate.Unknown);

    public Task<bool> SupersedeAsync(string recordingId, DateTimeOffset startedAt)
    {
        Superseded.Enqueue(recordingId);
        return Task.FromResult(true);
    }

    /// <summary>What stood by takes the other's place.</summary>
    public void Promote(string streamId) => _running[streamId] = _running[streamId] with { StandsInFor = null, StandsInForNode = null };

    private NodeRecording New(bool byPolicy, string? of, string? ofNode) =>
        new($"{Interlocked.Increment(ref _next)}-{nodeId}", DateTimeOffset.UnixEpoch, byPolicy, WantsStandby, of, ofNode);
}
