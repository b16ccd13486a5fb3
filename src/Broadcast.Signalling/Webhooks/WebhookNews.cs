using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Signalling.Api;
using Problem = Broadcast.Signalling.Http.Problem;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Told of streams.</summary>
internal sealed record StreamNewsBody(string Event, DateTimeOffset At, string Node, StreamFacts Stream);

/// <summary>A stream when something happened to it.</summary>
/// <param name="StreamId">Its name.</param>
/// <param name="Epoch">The publication.</param>
/// <param name="StartedAt">When the publication became active.</param>
/// <param name="Viewers">Of this node.</param>
/// <param name="Reason">With stream.unhealthy: "silent" or "loss".</param>
internal sealed record StreamFacts(string StreamId, int Epoch, DateTimeOffset? StartedAt, int Viewers, string? Reason);

/// <summary>Told of viewers, many at once.</summary>
internal sealed record ViewerNewsBody(string Event, DateTimeOffset At, string Node, IReadOnlyList<ViewerFacts> Viewers);

/// <summary>A viewer that came or went.</summary>
/// <param name="StreamId">What it watches.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="ViewerId">The same over all of its sessions.</param>
/// <param name="Subject">Whom its token names; null when it names nobody.</param>
/// <param name="At">When.</param>
/// <param name="Seconds">How long it was connected; null when it came.</param>
/// <param name="Bytes">What it got; null when it came.</param>
/// <param name="EndReason">Why it went; null when it came.</param>
internal sealed record ViewerFacts(string StreamId, string SessionId, string? ViewerId, string? Subject, DateTimeOffset At, double? Seconds, long? Bytes, string? EndReason);

/// <summary>Told of nodes.</summary>
internal sealed record NodeNewsBody(string Event, DateTimeOffset At, string Node, NodeFacts Subject);

/// <summary>A node when something happened to it.</summary>
internal sealed record NodeFacts(string NodeId, string Region, string Zone, string State);

/// <summary>Told by the test button.</summary>
internal sealed record TestNewsBody(string Event, DateTimeOffset At, string Node);

/// <summary>A target as operators see it.</summary>
/// <param name="Url">Without what may be secret in it.</param>
/// <param name="Events">What it is told; empty: everything.</param>
/// <param name="Signed">A secret signs what it is told.</param>
/// <param name="Waiting">Deliveries that wait.</param>
/// <param name="Delivered">Deliveries it has taken since the start of the node.</param>
/// <param name="Failed">Deliveries that were given up since then.</param>
public sealed record WebhookTargetView(string Url, IReadOnlyList<string> Events, bool Signed, int Waiting, long Delivered, long Failed);

/// <summary>The targets of this node.</summary>
/// <param name="Targets">In the order of the configuration.</param>
/// <param name="DeadLetters">How many deliveries were given up and are kept.</param>
public sealed record WebhooksView(IReadOnlyList<WebhookTargetView> Targets, int DeadLetters);

/// <summary>Some dead letters, the oldest first.</summary>
/// <param name="DeadLetters">The letters.</param>
/// <param name="Next">The <c>after</c> of the next request; null when there are no more.</param>
public sealed record DeadLettersView(IReadOnlyList<DeadLetter> DeadLetters, string? Next);

/// <summary>What targets said to a test.</summary>
/// <param name="Targets">Each that was asked.</param>
public sealed record WebhookTestView(IReadOnlyList<WebhookTestAnswer> Targets);

/// <summary>What one target said.</summary>
/// <param name="Url">The target.</param>
/// <param name="Delivery">Id of the delivery.</param>
/// <param name="Status">Of its answer; 0 when there was none.</param>
/// <param name="Seconds">Until it answered.</param>
/// <param name="Error">What was wrong; null when it took it.</param>
public sealed record WebhookTestAnswer(string Url, string Delivery, int Status, double Seconds, string? Error);

/// <summary>Source-generated serializers of what targets and operators get.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(StreamNewsBody))]
[JsonSerializable(typeof(ViewerNewsBody))]
[JsonSerializable(typeof(NodeNewsBody))]
[JsonSerializable(typeof(TestNewsBody))]
[JsonSerializable(typeof(WebhooksView))]
[JsonSerializable(typeof(DeadLettersView))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(WebhookTestView))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class WebhookJson : JsonSerializerContext;
