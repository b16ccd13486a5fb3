using Broadcast.Vod.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Hooks;

/// <summary>Tells hooks what recorders tell the ledger, and what jobs make of it.</summary>
internal sealed class LedgerNews(IEnumerable<IRecordingHooks> hooks, TimeProvider time)
{
    private readonly IRecordingHooks[] _hooks = [.. hooks];

    public void OnChanged(RecordingEvent what, RecordingHistory history)
    {
        if (_hooks.Length == 0 || history.IsHidden) return;
        switch (what)
        {
            case RecordingStarted or RecordingPromoted:
                Raise(RecordingNewsNames.Started, RecordingView.Of(history));
                break;
            case SegmentClosed closed when history.Segments.FindLast(segment => segment.Number == closed.Number) is { } segment:
                Raise(
                    RecordingNewsNames.Segment, RecordingView.Of(history),
                    new SegmentNews(segment.Number, Words.Seconds(segment.Start), Words.Seconds(segment.Duration), segment.Bytes));
                break;
            case RecordingEnded when history.State is RecordingState.Failed:
                Raise(RecordingNewsNames.Failed, RecordingView.Of(history));
                break;
        }
    }

    public void Ready(Recording recording) => Raise(RecordingNewsNames.Ready, RecordingView.Of(recording, ""));

    public void Failed(Recording recording) => Raise(RecordingNewsNames.Failed, RecordingView.Of(recording, ""));

    private void Raise(string name, RecordingView recording, SegmentNews? segment = null)
    {
        var news = new RecordingNews(name, time.GetUtcNow(), recording, segment);
        foreach (var hook in _hooks) hook.Raise(news);
    }
}
