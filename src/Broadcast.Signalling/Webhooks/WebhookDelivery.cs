namespace Broadcast.Signalling.Webhooks;

/// <summary>Something that a target is told.</summary>
/// <param name="Id">The same for each try.</param>
/// <param name="Event">What happened.</param>
/// <param name="At">When it was told to us.</param>
/// <param name="Body">The JSON that is sent.</param>
internal sealed record WebhookDelivery(string Id, string Event, DateTimeOffset At, byte[] Body);

/// <summary>A target's answer.</summary>
/// <param name="Status">Of HTTP; 0 when there was none.</param>
/// <param name="Fault">What was wrong, as the end of a sentence; null when it was taken.</param>
internal readonly record struct WebhookAnswer(int Status, string? Fault);
