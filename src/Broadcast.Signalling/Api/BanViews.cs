using Broadcast.Signalling.Auth;

namespace Broadcast.Signalling.Api;

/// <summary>Asks for somebody to be kept out.</summary>
/// <param name="Subject">Whose tokens: the <c>sub</c> claim, or the <c>jti</c> of tokens without one.</param>
/// <param name="Address">Or from where: an IP address or a network.</param>
/// <param name="TtlSeconds">For how long; an hour when left out, thirty days at most.</param>
/// <param name="Reason">For other operators.</param>
public sealed record BanRequest(string? Subject, string? Address, long? TtlSeconds, string? Reason);

/// <summary>A ban in the REST interface.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Subject">Whose tokens; null for an address.</param>
/// <param name="Address">From where; null for a subject.</param>
/// <param name="Reason">What the operator wrote.</param>
/// <param name="SetAt">Since when.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="NotTold">Nodes that could not be told now; in the answer to POST only.</param>
public sealed record BanView(string Id, string? Subject, string? Address, string Reason, DateTimeOffset SetAt, DateTimeOffset ExpiresAt, IReadOnlyList<string> NotTold)
{
    internal static BanView Of(Ban ban, IReadOnlyList<string>? notTold = null) => new(
        ban.Id, ban.Subject, ban.Address, ban.Reason, DateTimeOffset.FromUnixTimeMilliseconds(ban.SetAt), DateTimeOffset.FromUnixTimeMilliseconds(ban.ExpiresAt), notTold ?? []);
}
