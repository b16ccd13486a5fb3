using System.Globalization;

namespace Broadcast.Usage.Files;

/// <summary>A place between two records of a folder. Later places compare as greater.</summary>
/// <param name="Segment">Number of the segment.</param>
/// <param name="Offset">Byte in its file.</param>
public readonly record struct UsagePosition(long Segment, long Offset)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out UsagePosition position)
    {
        position = default;
        var dot = text?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        if (dot < 1 || !TryNumber(text.AsSpan(0, dot), out var segment) || !TryNumber(text.AsSpan(dot + 1), out var offset)) return false;
        position = new UsagePosition(segment, offset);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment}.{Offset}");

    private static bool TryNumber(ReadOnlySpan<char> text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
