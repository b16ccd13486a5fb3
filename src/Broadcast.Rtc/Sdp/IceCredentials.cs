using System.Security.Cryptography;

namespace Broadcast.Rtc.Sdp;

/// <summary>One side's ICE username fragment and password (RFC 8839 §5.4).</summary>
/// <param name="UsernameFragment">4 to 256 characters.</param>
/// <param name="Password">22 to 256 characters; a secret until it is in an SDP answer.</param>
public sealed record IceCredentials(string UsernameFragment, string Password)
{
    /// <summary>96 bits of chance: fragments are looked up across all sessions of a node and must never meet.</summary>
    public const int DefaultUsernameFragmentLength = 16;

    /// <summary>192 bits, more than the 128 that RFC 8445 §5.3 asks for.</summary>
    public const int DefaultPasswordLength = 32;

    // ice-char (RFC 8839 §5.4): ALPHA / DIGIT / "+" / "/".
    private const string IceCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>Makes new credentials from the system's random generator.</summary>
    /// <param name="usernameFragmentLength">8 to 256.</param>
    /// <param name="passwordLength">24 to 256.</param>
    public static IceCredentials Create(int usernameFragmentLength = DefaultUsernameFragmentLength, int passwordLength = DefaultPasswordLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(usernameFragmentLength, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(usernameFragmentLength, 256);
        ArgumentOutOfRangeException.ThrowIfLessThan(passwordLength, 24);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(passwordLength, 256);
        return new IceCredentials(
            RandomNumberGenerator.GetString(IceCharacters, usernameFragmentLength),
            RandomNumberGenerator.GetString(IceCharacters, passwordLength));
    }

    /// <summary>What the checks below ask for, for a person.</summary>
    internal const string Rule = "a=ice-ufrag needs 4 to 256 visible characters and a=ice-pwd 22 to 256.";

    /// <summary>Checks lengths; of characters only that they are visible ASCII, because clients in the field use more than ice-char.</summary>
    public static bool AreUsable(string usernameFragment, string password) => IsUsernameFragment(usernameFragment) && IsPassword(password);

    /// <summary>4 to 256 visible characters.</summary>
    internal static bool IsUsernameFragment(ReadOnlySpan<char> text) => text.Length is >= 4 and <= 256 && IsVisibleAscii(text);

    /// <summary>22 to 256 visible characters.</summary>
    internal static bool IsPassword(ReadOnlySpan<char> text) => text.Length is >= 22 and <= 256 && IsVisibleAscii(text);

    /// <inheritdoc/>
    public override string ToString() => $"IceCredentials {{ UsernameFragment = {UsernameFragment} }}"; // never the password

    private static bool IsVisibleAscii(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('!', '~');
}
