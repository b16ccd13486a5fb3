using System.Diagnostics;
using Broadcast.Media.Relay;
using Broadcast.Media.Sessions;
using Broadcast.MediaNode.Relay;
using Broadcast.MediaNode.Sessions;
using Broadcast.MediaNode.Telemetry;
using Broadcast.Rtc;

namespace Broadcast.MediaNode;

/// <summary>The part that tells operators how the node does: figures when they ask, and how long joins and healings took.</summary>
public sealed partial class MediaPlane
{
    private readonly long[] _opened = new long[2];
    private readonly Dictionary<(SessionKind Kind, string Reason), long> _ended = [];
    private MediaTotals _totalsOfEnded;

    /// <summary>Raised on a control thread when a session has come so far, with the time since its POST; a handler must not block.</summary>
    public event Action<SessionKind, JoinStep, TimeSpan>? Joined;

    /// <summary>Raised on a control thread when media comes again after a parent was lost, with the time since its last sign; a handler must not block.</summary>
    public event Action<TimeSpan>? Healed;

    /// <summary>Everything that is counted, as it is now.</summary>
    public MediaFigures Figures
    {
        get
        {
            lock (_lock)
            {
                var sessions = new int[2];
                foreach (var session in _sessions.Values) sessions[(int)session.Kind]++;
                var figures = new MediaFigures
                {
                    Sessions = sessions,
                    Opened = [.. _opened],
                    Ended = [.. _ended.Select(ended => (ended.Key.Kind, ended.Key.Reason, ended.Value))],
                    ActiveStreams = _streams.Values.Count(stream => stream.StartedAt is not null),
                    Totals = _sessions.Values.Aggregate(_totalsOfEnded, static (sum, session) => sum.Plus(session)),
                    Keyframes = Keyframes,
                    Links = Links,
                };
                foreach (var session in _sessions.Values) figures.Add(session);
                foreach (var stream in _streams.Values)
                {
                    if (stream.Relay is not null && stream.Live.NodesAbove.Count is > 0 and var hops) figures.StreamsByDepth.AddDepth(hops);
                }

                return figures;
            }
        }
    }

    /// <inheritdoc/>
    void IRelayObserver.OnHealed(RelayInbound inbound, TimeSpan pause) => _reports.Writer.TryWrite(() =>
    {
        lock (_lock)
        {
            if (RelayOf(inbound) is var (_, relay)) relay.Trace.End(MonotonicClock.Now());
        }

        Healed?.Invoke(pause > TimeSpan.Zero ? pause : TimeSpan.Zero);
    });

    private void OnServed(RelayServed served) => _reports.Writer.TryWrite(() =>
    {
        if (!ActivityContext.TryParse(served.Trace, traceState: null, isRemote: true, out var child)) return;
        MediaTraces.Record(
            "relay.serve", ActivityKind.Server, child, served.WantedAt, served.SentAt,
            ("broadcast.stream", served.StreamId), ("broadcast.node", _options.NodeId), ("broadcast.child", served.ChildNodeId));
    });

    /// <summary>Lets the parents that follow know of the stream's trace, or of none.</summary>
    private void TellTrace(RelayedStream relay)
    {
        var header = relay.Trace.Header;
        RelayEngine.Post(_ => relay.Inbound.Trace = header);
    }

    private void NoteOpened(NodeSession session) => _opened[(int)session.Kind]++;

    private void NoteEnded(NodeSession session, SessionSnapshot last)
    {
        _totalsOfEnded = _totalsOfEnded.Plus(session);
        var ending = (session.Kind, EndReasons.WordOf(last.EndReason));
        _ended[ending] = _ended.GetValueOrDefault(ending) + 1;
        session.Trace?.OnEnded(session.Peer, MonotonicClock.Now());
    }

    /// <summary>Looks whether a viewer's first media has left; the worker tells nobody, it notes the time.</summary>
    /// <returns>How long it took; null when it has not, or that is known.</returns>
    private static TimeSpan? TakeFirstSent(NodeSession session)
    {
        if (session.HasMedia || session.Peer.Viewer is not { } viewer || viewer.FirstSentAt == MonotonicTime.Zero) return null;
        session.HasMedia = true;
        session.Trace?.OnMedia(viewer.FirstSentAt);
        return viewer.FirstSentAt - session.AskedAt;
    }
}
