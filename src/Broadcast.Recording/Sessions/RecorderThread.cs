using System.Diagnostics;
using Broadcast.Rtc;

namespace Broadcast.Recording.Sessions;

/// <summary>A thread that follows some recordings: each of them is looked at every <see cref="Interval"/>.</summary>
/// <remarks>Apart from the workers of the media plane: however slow a disk is, they do not notice.</remarks>
internal sealed class RecorderThread : IDisposable
{
    /// <summary>Between two looks; logs hold seconds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly List<RecordingSession> _sessions = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly Func<MonotonicTime> _clock;
    private readonly Action<RecordingSession> _onDone;
    private readonly Action<RecordingSession, Exception> _onFault;
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <summary>Starts the thread.</summary>
    /// <param name="index">For its name.</param>
    /// <param name="clock">The present moment.</param>
    /// <param name="onDone">Told on the thread when a recording is over.</param>
    /// <param name="onFault">Told on the thread of a defect; the recording ends as failed.</param>
    public RecorderThread(int index, Func<MonotonicTime> clock, Action<RecordingSession> onDone, Action<RecordingSession, Exception> onFault)
    {
        (_clock, _onDone, _onFault) = (clock, onDone, onFault);
        _thread = new Thread(Run) { Name = $"recorder {index}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Recordings that it follows.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _sessions.Count;
        }
    }

    /// <summary>Takes over a recording.</summary>
    public void Add(RecordingSession session)
    {
        lock (_lock) _sessions.Add(session);
        _wake.Set();
    }

    /// <summary>Looks at once.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Ends the thread; its recordings must be over.</summary>
    public void Dispose()
    {
        if (_stop) return;
        _stop = true;
        _wake.Set();
        if (_thread.Join(TimeSpan.FromSeconds(5))) _wake.Dispose();
    }

    private void Run()
    {
        var sessions = new List<RecordingSession>();
        while (!_stop)
        {
            var begun = Stopwatch.GetTimestamp();
            sessions.Clear();
            lock (_lock) sessions.AddRange(_sessions);
            foreach (var session in sessions) Poll(session);
            var rest = Interval - Stopwatch.GetElapsedTime(begun);
            if (rest > TimeSpan.Zero) _wake.WaitOne(sessions.Count > 0 ? rest : Timeout.InfiniteTimeSpan);
        }
    }

    private void Poll(RecordingSession session)
    {
        try
        {
            session.Poll(_clock());
        }
        catch (Exception exception)
        {
            _onFault(session, exception);
            session.Fail("The recorder has met a defect; the log has more of it.", _clock());
        }

        if (!session.IsDone) return;
        lock (_lock) _sessions.Remove(session);
        _onDone(session);
    }
}
