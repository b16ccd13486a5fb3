using System.Buffers;

namespace Broadcast.Signalling.Http;

/// <summary>The name of a stream as it stands in addresses, tokens and configuration.</summary>
/// <remarks>Letters, digits, "-" and "_" only: nothing to escape anywhere, and never the name of a page's file, which has a dot.</remarks>
public static class StreamName
{
    /// <summary>Longest name in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>What a person is told about a name that is none.</summary>
    public const string Rule = "A stream name has 1 to 64 letters, digits, \"-\" or \"_\".";

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>True for a name this server accepts.</summary>
    public static bool IsValid(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= MaxLength && !name.ContainsAnyExcept(Allowed);
}
