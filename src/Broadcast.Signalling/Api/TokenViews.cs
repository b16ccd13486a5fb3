namespace Broadcast.Signalling.Api;

/// <summary>Asks for a token.</summary>
/// <param name="Scope">Out of publish, watch and operate, separated by spaces.</param>
/// <param name="Stream">A stream name, or "*" for every stream.</param>
/// <param name="TtlSeconds">How long it lives; a day when left out.</param>
public sealed record TokenRequest(string? Scope, string? Stream, long? TtlSeconds);

/// <summary>A freshly minted token.</summary>
/// <param name="Token">To be sent as bearer.</param>
/// <param name="Scope">What it may do.</param>
/// <param name="Stream">Where.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record TokenView(string Token, string Scope, string Stream, DateTimeOffset ExpiresAt);

/// <summary>What the caller's token may do.</summary>
/// <param name="Authenticated">A valid token came with the request, or none is needed.</param>
/// <param name="Scopes">Out of "publish", "watch", "operate".</param>
/// <param name="Stream">A stream name, or "*" for every stream.</param>
/// <param name="ExpiresAt">When the token ends; null without one.</param>
public sealed record WhoAmIView(bool Authenticated, IReadOnlyList<string> Scopes, string Stream, DateTimeOffset? ExpiresAt);
