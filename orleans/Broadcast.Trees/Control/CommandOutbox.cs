using Broadcast.Rtc;
using Broadcast.Trees.Cluster;

namespace Broadcast.Trees.Control;

/// <summary>Who has not yet confirmed its latest place, and when it is told again.</summary>
internal sealed class CommandOutbox(Timeouts timeouts)
{
    private readonly SortedDictionary<NodeId, Waiting> _waiting = [];

    /// <summary>When the next repetition is due.</summary>
    public MonotonicTime Deadline { get; private set; } = MonotonicTime.Never;

    /// <summary>A command of this version was sent now.</summary>
    public void Expect(NodeId node, long version, MonotonicTime now)
    {
        _waiting[node] = new Waiting(version, now + timeouts.CommandRetry, timeouts.CommandRetry);
        Deadline = MonotonicTime.Min(Deadline, now + timeouts.CommandRetry);
    }

    /// <summary>The node has applied everything up to this version.</summary>
    public void Confirm(NodeId node, long version)
    {
        if (_waiting.TryGetValue(node, out var waiting) && waiting.Version <= version) Forget(node);
    }

    /// <summary>Nothing is to be said to the node any more.</summary>
    public void Forget(NodeId node) => _waiting.Remove(node);

    /// <summary>Whether a command to the node is on its way.</summary>
    public bool IsWaitingFor(NodeId node) => _waiting.ContainsKey(node);

    /// <summary>Says again what is due, as it is now, not as it was when first said.</summary>
    public void Repeat(List<RelayCommand> commands, Func<NodeId, RelayCommand?> place, MonotonicTime now)
    {
        if (now < Deadline) return;
        Deadline = MonotonicTime.Never;
        foreach (var (node, waiting) in _waiting.ToArray())
        {
            if (waiting.At <= now)
            {
                if (place(node) is not { } command)
                {
                    Forget(node);
                    continue;
                }

                commands.Add(command);
                var pause = TimeSpan.FromTicks(Math.Min(waiting.Pause.Ticks * 2, timeouts.CommandRetryLimit.Ticks));
                _waiting[node] = new Waiting(command.Version, now + pause, pause);
            }

            Deadline = MonotonicTime.Min(Deadline, _waiting[node].At);
        }
    }

    private readonly record struct Waiting(long Version, MonotonicTime At, TimeSpan Pause);
}
