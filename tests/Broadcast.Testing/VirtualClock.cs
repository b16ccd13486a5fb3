using Broadcast.Rtc;

namespace Broadcast.Testing;

/// <summary>Time that passes only when a test lets it: a queue of events, run in order.</summary>
/// <remarks>The one driver of time in a simulation. Events of the same instant run in the order in which they were added.</remarks>
public sealed class VirtualClock
{
    private readonly PriorityQueue<Action, (long Time, long Order)> _events = new();
    private long _order;

    /// <summary>The present moment. It starts at an odd figure, so that nothing depends on round ones.</summary>
    public MonotonicTime Now { get; private set; } = new(1_000_003_700_123);

    /// <summary>Runs something at a time; a time in the past means now.</summary>
    public void At(MonotonicTime when, Action action) => _events.Enqueue(action, (MonotonicTime.Max(when, Now).Nanoseconds, _order++));

    /// <summary>Runs something after a while.</summary>
    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    /// <summary>Runs something again and again until it returns false.</summary>
    public void Every(TimeSpan interval, Func<bool> action) => After(interval, () =>
    {
        if (action()) Every(interval, action);
    });

    /// <summary>Lets time pass.</summary>
    public void Run(TimeSpan span) => Run(static () => false, span);

    /// <summary>Lets time pass until a condition holds, looked at after every event.</summary>
    /// <returns>False when the time was over first.</returns>
    public bool Run(Func<bool> until, TimeSpan limit)
    {
        var end = Now + limit;
        while (!until())
        {
            if (!_events.TryPeek(out _, out var next) || next.Time > end.Nanoseconds)
            {
                Now = end;
                return false;
            }

            var action = _events.Dequeue();
            Now = new MonotonicTime(next.Time);
            action();
        }

        return true;
    }
}
