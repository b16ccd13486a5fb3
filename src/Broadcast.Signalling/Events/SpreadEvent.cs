using Broadcast.Media.Sessions;

namespace Broadcast.Signalling.Events;

/// <summary>Tells subscriptions of an event one after the other over a while, as many in each part of it.</summary>
/// <remarks>Ten thousand players that open new sessions in one instant would overrun the nodes they come to.</remarks>
internal sealed class SpreadEvent
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly EventSubscription[] _subscriptions;
    private readonly EventSet _event;
    private readonly int _steps;
    private ITimer? _timer;
    private int _step;
    private int _told;

    private SpreadEvent(EventSubscription[] subscriptions, EventSet @event, int steps) =>
        (_subscriptions, _event, _steps) = (subscriptions, @event, steps);

    /// <summary>The first are told now, the last when <see cref="StreamEvent.Spread"/> is over.</summary>
    public static void Begin(EventSubscription[] subscriptions, StreamEvent change, TimeProvider time)
    {
        if (subscriptions.Length == 0)
            return;
        var spread = new SpreadEvent(subscriptions, EventSet.Of(change.Kind), Math.Max(1, (int)(change.Spread / Step)));
        lock (spread._gate)
            spread._timer = time.CreateTimer(_ => spread.TellNext(), null, TimeSpan.Zero, Step);
    }

    private void TellNext()
    {
        lock (_gate)
        {
            var until = (int)Math.Min(_subscriptions.Length, ((long)_subscriptions.Length * ++_step + _steps - 1) / _steps);
            for (; _told < until; _told++)
                _subscriptions[_told].Raise(_event);
            if (_told == _subscriptions.Length)
                _timer?.Dispose();
        }
    }
}
