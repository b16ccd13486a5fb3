using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Http;
using Broadcast.Usage.Records;

namespace Broadcast.Usage.Api;

/// <summary>What one session has used.</summary>
/// <param name="SessionId">The id in its URL.</param>
/// <param name="Stream">What it published or watched.</param>
/// <param name="Epoch">The publication; 0 when unknown.</param>
/// <param name="Kind">"publisher" or "viewer".</param>
/// <param name="Subject">Whom the token named as its bearer (sub); null when it named nobody.</param>
/// <param name="ViewerId">The same over all of a viewer's sessions; null for a publisher's.</param>
/// <param name="Node">The node that served it.</param>
/// <param name="StartedAt">When it was connected.</param>
/// <param name="EndedAt">When it ended, or when it was last known of.</param>
/// <param name="Seconds">Between the two.</param>
/// <param name="Bytes">Of media.</param>
/// <param name="Packets">Of media.</param>
/// <param name="Lost">Packets of a publisher that never came.</param>
/// <param name="Retransmitted">Packets sent again to a viewer, or of a publisher repaired.</param>
/// <param name="Nacks">Packets that a viewer asked for again.</param>
/// <param name="KeyframeRequests">Keyframes asked for by a viewer, or of a publisher.</param>
/// <param name="Switches">Changes of a viewer's layer.</param>
/// <param name="BandwidthLimitedSeconds">How long a viewer's network did not carry more.</param>
/// <param name="PausedSeconds">How long a viewer got no picture for want of bandwidth.</param>
/// <param name="Heights">How long a viewer got pictures of which height.</param>
/// <param name="Codecs">As negotiated.</param>
/// <param name="Transport">"udp" or "tcp".</param>
/// <param name="EndReason">Why it ended; empty when that is not known.</param>
/// <param name="Interrupted">True when the node died before its end.</param>
public sealed record UsageView(
    string SessionId, string Stream, long Epoch, string Kind, string? Subject, string? ViewerId, string Node, DateTimeOffset StartedAt, DateTimeOffset EndedAt, double Seconds,
    long Bytes, long Packets, long Lost, long Retransmitted, long Nacks, long KeyframeRequests, long Switches, double BandwidthLimitedSeconds, double PausedSeconds,
    IReadOnlyList<HeightView> Heights, IReadOnlyList<string> Codecs, string Transport, string EndReason, bool Interrupted)
{
    /// <summary>A record as it is shown.</summary>
    public static UsageView Of(UsageRecord record) => new(
        record.SessionId, record.Stream, record.Epoch, KindOf(record.Kind), record.Subject, record.ViewerId, record.Node, record.StartedAt, record.EndedAt, Rounded(record.Duration),
        record.Bytes, record.Packets, record.Lost, record.Retransmitted, record.Nacks, record.KeyframeRequests, record.Switches, Rounded(record.LimitedByBandwidth), Rounded(record.Paused),
        [.. record.Heights.Select(height => new HeightView(height.Height, Rounded(height.Time)))], record.Codecs.Split(',', StringSplitOptions.RemoveEmptyEntries), record.Transport, record.EndReason, record.Interrupted);

    internal static string KindOf(SessionKind kind) => kind == SessionKind.Publisher ? "publisher" : "viewer";

    internal static double Rounded(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}

/// <summary>How long pictures of one height were sent.</summary>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="Seconds">How long.</param>
public sealed record HeightView(int Height, double Seconds);

/// <summary>Some records, in the order in which they were written.</summary>
/// <param name="Sessions">The records.</param>
/// <param name="Next">The <c>after</c> of the next request; null when there are no more now.</param>
public sealed record UsageListView(IReadOnlyList<UsageView> Sessions, string? Next);

/// <summary>What was used of one stream on one day (UTC).</summary>
/// <param name="Date">The day.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Publications">Publishers' sessions of that day.</param>
/// <param name="PublishSeconds">Of all of them.</param>
/// <param name="PublishedBytes">Received from them.</param>
/// <param name="Sessions">Viewers' sessions of that day.</param>
/// <param name="ViewerSeconds">Of all of them.</param>
/// <param name="ViewerBytes">Sent to them.</param>
/// <param name="PeakViewers">At once.</param>
public sealed record UsageDayView(
    DateOnly Date, string Stream, int Publications, double PublishSeconds, long PublishedBytes, int Sessions, double ViewerSeconds, long ViewerBytes, int PeakViewers);

/// <summary>Days by stream.</summary>
/// <param name="Days">Ascending, of each day the streams by name.</param>
public sealed record UsageDaysView(IReadOnlyList<UsageDayView> Days);

/// <summary>Source-generated serializers of this interface.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(UsageListView))]
[JsonSerializable(typeof(UsageDaysView))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class UsageJson : JsonSerializerContext;
