using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Broadcast.Vod.Recordings;

/// <summary>Names a recording everywhere: in addresses, in the catalogue, as a folder. Sorts by the time of creation.</summary>
/// <remarks>Lower-case letters and digits only, and of fixed length: never anything else of a path, whatever somebody asks for.</remarks>
public readonly record struct RecordingId
{
    /// <summary>Characters of an id: 9 of time in milliseconds since 1970, then 15 of chance, to base 36.</summary>
    public const int Length = 24;

    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const int TimeDigits = 9;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Digits);

    private readonly string? _text;

    private RecordingId(string text) => _text = text;

    /// <summary>A new id.</summary>
    /// <param name="now">When the recording begins.</param>
    public static RecordingId New(DateTimeOffset now) => new(string.Create(Length, now.ToUnixTimeMilliseconds(), static (text, time) =>
    {
        for (var i = TimeDigits - 1; i >= 0; i--, time /= Digits.Length) text[i] = Digits[(int)(time % Digits.Length)];
        RandomNumberGenerator.GetItems<char>(Digits, text[TimeDigits..]);
    }));

    /// <summary>Reads an id.</summary>
    /// <returns>False for everything that is none.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out RecordingId id)
    {
        var valid = text is { Length: Length } && !text.AsSpan().ContainsAnyExcept(Allowed);
        id = valid ? new RecordingId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? "";
}
