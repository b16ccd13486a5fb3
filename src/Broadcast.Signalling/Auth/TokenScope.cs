namespace Broadcast.Signalling.Auth;

/// <summary>What a token may do; scopes are independent, none includes another.</summary>
[Flags]
public enum TokenScope
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Publish a stream by WHIP.</summary>
    Publish = 1,

    /// <summary>Watch a stream by WHEP.</summary>
    Watch = 2,

    /// <summary>See sessions, end them, mint tokens.</summary>
    Operate = 4,
}

/// <summary>Text form of scopes: the space-separated list of RFC 8693 §4.2.</summary>
public static class TokenScopes
{
    /// <summary>Every scope there is.</summary>
    public const TokenScope All = TokenScope.Publish | TokenScope.Watch | TokenScope.Operate;

    /// <summary>Reads a list separated by spaces or commas; an unknown word makes the whole list invalid.</summary>
    public static bool TryParse(string? text, out TokenScope scopes)
    {
        scopes = TokenScope.None;
        foreach (var word in (text ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var scope = FromWord(word);
            if (scope == TokenScope.None)
                return false;
            scopes |= scope;
        }

        return scopes != TokenScope.None;
    }

    /// <summary>One scope by its name; <see cref="TokenScope.None"/> when the word is none of ours.</summary>
    public static TokenScope FromWord(string? word) => word switch
    {
        "publish" => TokenScope.Publish,
        "watch" => TokenScope.Watch,
        "operate" => TokenScope.Operate,
        _ => TokenScope.None,
    };

    /// <summary>The names, separated by spaces, in a fixed order.</summary>
    public static string Format(TokenScope scopes) => string.Join(' ', Names(scopes));

    /// <summary>The names in a fixed order.</summary>
    public static IReadOnlyList<string> Names(TokenScope scopes)
    {
        var names = new List<string>(3);
        if (scopes.HasFlag(TokenScope.Publish))
            names.Add("publish");
        if (scopes.HasFlag(TokenScope.Watch))
            names.Add("watch");
        if (scopes.HasFlag(TokenScope.Operate))
            names.Add("operate");
        return names;
    }
}
