using Broadcast.Media.Sessions;
using Broadcast.Signalling.Sessions;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Collect;

/// <summary>A session that is not over: who it is, and how long it has had which quality. Thread-safe.</summary>
internal sealed class OpenUsage(OpenedSession opened, string node, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly DateTimeOffset _openedAt = time.GetUtcNow();
    private readonly long _openedStamp = time.GetTimestamp();
    private readonly SortedDictionary<int, TimeSpan> _heights = [];
    private TimeSpan _limited;
    private TimeSpan _paused;
    private TimeSpan _layerSince;
    private LayerInUse? _layer;

    /// <summary>The id in its URL.</summary>
    public string SessionId => opened.SessionId;

    /// <summary>True once it was taken to be written. Of the writer.</summary>
    public bool IsTaken { get; set; }

    private TimeSpan Age => time.GetElapsedTime(_openedStamp);

    /// <summary>The quality is another from now on.</summary>
    public void Layer(LayerInUse? layer)
    {
        lock (_lock) Count(layer, Age);
    }

    /// <summary>The record of it, as it is now or was at its end.</summary>
    public UsageRecord Record(SessionSnapshot session)
    {
        lock (_lock)
        {
            var age = Age;
            Count(session.State == SessionState.Ended ? _layer : session.Layer, age);
            return new UsageRecord
            {
                SessionId = session.SessionId,
                Stream = session.StreamId,
                Kind = session.Kind,
                Node = node,
                StartedAt = _openedAt + age - session.ConnectedFor,
                Duration = session.ConnectedFor,
                Epoch = session.Epoch,
                Subject = opened.Subject,
                ViewerId = opened.ViewerId,
                Bytes = session.Bytes,
                Packets = session.Packets,
                Lost = Math.Max(0, session.Lost),
                Retransmitted = session.Retransmitted,
                Nacks = session.Nacks,
                KeyframeRequests = session.KeyframeRequests,
                Switches = session.Switches,
                LimitedByBandwidth = _limited,
                Paused = _paused,
                Heights = [.. _heights.Select(pair => new HeightTime(pair.Key, pair.Value))],
                Codecs = string.Join(',', session.Codecs.Select(codec => codec.ToString().ToLowerInvariant())),
                Transport = session.Candidate,
                EndReason = session.EndReason ?? "",
            };
        }
    }

    /// <summary>Counts the time since the last change to the quality that there was.</summary>
    private void Count(LayerInUse? next, TimeSpan age)
    {
        if (_layer is { } layer && age > _layerSince)
        {
            var spent = age - _layerSince;
            if (layer.Paused) _paused += spent;
            else _heights[layer.Height] = _heights.GetValueOrDefault(layer.Height) + spent;
            if (layer.Limit == LayerLimit.Bandwidth) _limited += spent;
        }

        (_layer, _layerSince) = (next, age);
    }
}
