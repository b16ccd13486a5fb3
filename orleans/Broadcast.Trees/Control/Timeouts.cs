namespace Broadcast.Trees.Control;

/// <summary>Every time that the control of a stream waits for, with its reason.</summary>
public sealed record Timeouts
{
    /// <summary>The defaults.</summary>
    public static Timeouts Default { get; } = new();

    /// <summary>How often a parent tells a child its way to the root. A third of the silence, less a margin, so one may get lost.</summary>
    public TimeSpan LinkFrame { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Neither packet nor frame from the parent for so long: the child takes its standby. Gaps of 75 ms are usual under load
    /// and 275 ms were seen on saturated machines; 500 ms of pause is what viewers may notice.
    /// </summary>
    public TimeSpan ParentSilence { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>A new parent that has not answered by then is given up for the next. Some round trips around the world, and a DTLS handshake.</summary>
    public TimeSpan AttachAnswer { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>
    /// The parent lives but has nothing itself: so long it gets to heal. Its own silence, its standby's answer and a frame's way
    /// take less; moving with it would only spread the disturbance.
    /// </summary>
    public TimeSpan UpstreamPatience { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>A standby that said nothing for so long is replaced. No picture depends on it, so there is time to be sure.</summary>
    public TimeSpan StandbySilence { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>Both parents are kept so long at a planned change. At least a round trip, so that nothing in flight is lost.</summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A planned new parent that lives but carries nothing is given up then; the old one is kept.</summary>
    public TimeSpan OverlapLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A parent that refused or did not answer is not tried again before; a node without parent asks this often.</summary>
    public TimeSpan OrphanRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A child that said nothing for so long has died and gives its place free. Long: closing too early hurts, too late costs a place.</summary>
    public TimeSpan ChildSilence { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a node tells the stream's writer what it does, changes apart, which it tells at once. Only for reconciling.</summary>
    public TimeSpan Report { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A command without an answer is repeated then, and after twice as long each time up to <see cref="CommandRetryLimit"/>.</summary>
    public TimeSpan CommandRetry { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest pause between two repetitions.</summary>
    public TimeSpan CommandRetryLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A node without viewers and children keeps the stream so long: viewers who reload a page come back within seconds.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A stream without publisher keeps its tree so long: an encoder that is restarted, a laptop that wakes up.</summary>
    public TimeSpan PublisherLinger { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After a new writer took over, so long for all nodes to report before anything is taken from anybody: two reports and a margin.</summary>
    public TimeSpan Rebuild { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Nodes live in a higher epoch whose publisher nobody knows: so long its node gets to report before this writer's own publisher
    /// is put above it. More than a report, less than what viewers wait.
    /// </summary>
    public TimeSpan ForeignEpoch { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often badly placed nodes are looked for. Nothing urgent: what is urgent is an event.</summary>
    public TimeSpan Rebalance { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A parent that a child could not reach or that refused it is not planned for this child again before: time for a new load report.</summary>
    public TimeSpan Avoid { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// By then the membership has declared a hung node dead (measured 6.1 to 6.6 s; a killed one 1.2 to 1.5 s). Nothing waits
    /// for it; it bounds how long a node without standby can be without parent.
    /// </summary>
    public TimeSpan MembershipDetection { get; init; } = TimeSpan.FromMilliseconds(6600);

    /// <summary>When to come back while a new writer still learns what there is.</summary>
    public TimeSpan RetryRebuilding { get; init; } = TimeSpan.FromSeconds(1);
}
