using System.Buffers;

namespace Broadcast.Signalling.Sessions;

/// <summary>Syntax of ICE usernames and passwords (RFC 8839 §5.4).</summary>
internal static class IceCredentials
{
    private static readonly SearchValues<char> IceChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>4 to 256 ice-chars.</summary>
    public static bool IsUsernameFragment(ReadOnlySpan<char> text) => text.Length is >= 4 and <= 256 && !text.ContainsAnyExcept(IceChars);

    /// <summary>22 to 256 ice-chars.</summary>
    public static bool IsPassword(ReadOnlySpan<char> text) => text.Length is >= 22 and <= 256 && !text.ContainsAnyExcept(IceChars);
}
