namespace Broadcast.Signalling.Auth;

/// <summary>What a verified caller may do: scopes on one stream, or on all of them.</summary>
/// <param name="Scopes">The scopes held.</param>
/// <param name="Stream">A stream name, or <see cref="AnyStream"/>.</param>
/// <param name="ExpiresAt">When the grant ends; null for callers without a token.</param>
public sealed record Grant(TokenScope Scopes, string Stream, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>The <c>stream</c> claim that stands for every stream.</summary>
    public const string AnyStream = "*";

    /// <summary>A caller without a token.</summary>
    public static readonly Grant Anonymous = new(TokenScope.None, AnyStream);

    /// <summary>Everybody, when authentication is switched off.</summary>
    public static readonly Grant Everything = new(TokenScopes.All, AnyStream);

    /// <summary>Whose token it is: its <c>sub</c> claim; null when it names nobody, and for callers without a token.</summary>
    public string? Subject { get; init; }

    /// <summary>Which token it is: its <c>jti</c> claim; null without. It says nothing of who bears it, and is good for bans only.</summary>
    public string? TokenId { get; init; }

    /// <summary>True when the scope is held for this very stream.</summary>
    public bool Allows(TokenScope scope, string stream) =>
        (Scopes & scope) == scope && (Stream == AnyStream || string.Equals(Stream, stream, StringComparison.Ordinal));

    /// <summary>True when the scope is held for every stream.</summary>
    public bool AllowsEverywhere(TokenScope scope) => Allows(scope, AnyStream);
}
