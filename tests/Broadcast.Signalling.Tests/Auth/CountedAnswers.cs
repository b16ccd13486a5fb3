using System.Diagnostics.Metrics;
using Broadcast.Signalling.Auth;

namespace Broadcast.Signalling.Tests.Auth;

/// <summary>What a node's authorisation webhook counts from now on, by outcome.</summary>
internal sealed class CountedAnswers : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = [];
    private readonly Dictionary<string, (int Count, TaskCompletionSource Done)> _awaited = [];
    private readonly MeterListener _listener = new();

    public CountedAnswers(AuthMeters meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meters.Meter) && instrument.Name == "auth.webhook.answers") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Note((string)tags[0].Value!));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    public int this[string outcome]
    {
        get
        {
            lock (_lock) return _counts.GetValueOrDefault(outcome);
        }
    }

    public Task UntilAsync(string outcome, int count)
    {
        lock (_lock)
        {
            if (_counts.GetValueOrDefault(outcome) >= count) return Task.CompletedTask;
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited[outcome] = (count, done);
            return done.Task;
        }
    }

    private void Note(string outcome)
    {
        lock (_lock)
        {
            _counts[outcome] = _counts.GetValueOrDefault(outcome) + 1;
            if (_awaited.TryGetValue(outcome, out var awaited) && _counts[outcome] >= awaited.Count) awaited.Done.TrySetResult();
        }
    }
}
