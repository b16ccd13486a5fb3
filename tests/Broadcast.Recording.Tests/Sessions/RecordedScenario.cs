using Broadcast.Recording.Policy;
using Broadcast.Recording.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Sessions;

/// <summary>A node in virtual time whose stream "stage" is recorded into memory.</summary>
internal sealed class RecordedScenario : IDisposable
{
    private static readonly DateTimeOffset Begun = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public RecordedScenario(int seed) => Scenario = new Scenario(seed);

    public Scenario Scenario { get; }

    public MemoryLedger Ledger { get; } = new();

    public MemorySegments Files { get; } = new();

    public RecordingSession Session { get; private set; } = null!;

    public IEnumerable<MemorySegments.Written> Pictures => Files.All.SelectMany(segment => segment.Pictures);

    /// <summary>Frames with their positions on the timeline of the recording.</summary>
    public IEnumerable<(TimeSpan Position, MemorySegments.Written Frame)> Placed =>
        Files.All.SelectMany(segment => segment.Frames.Select(frame => (Ledger.Opened[segment.Number - 1].Start + frame.Time, frame)));

    /// <summary>Begins to record.</summary>
    public void Record(TimeSpan? segment = null, TimeSpan? most = null, TimeSpan? patience = null)
    {
        var about = new ActiveRecording(RecordingId.New(Begun), "stage", Begun, RecordingTrigger.Request);
        var rules = new RecordingRules(segment ?? TimeSpan.FromMinutes(10), most, patience ?? TimeSpan.FromSeconds(60));
        Session = new RecordingSession(about, rules, Scenario.Node.LiveStreams, Files, Ledger);
        Scenario.Clock.Every(RecorderThread.Interval, () =>
        {
            Session.Poll(Scenario.Clock.Now);
            return !Session.IsDone;
        });
    }

    /// <summary>Ends it as somebody would who asks for that.</summary>
    public RecordingEnded Stop()
    {
        Session.RequestEnd(RecordingEndReason.Requested);
        Scenario.RunUntil(() => Session.IsDone, 1, "the end of the recording");
        return Ledger.Ended!;
    }

    public void Dispose() => Scenario.Dispose();
}
