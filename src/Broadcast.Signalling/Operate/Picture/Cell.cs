namespace Broadcast.Signalling.Operate.Picture;

/// <summary>One value of a row: a text, a number, or nothing.</summary>
/// <param name="Text">Null for a number or nothing.</param>
/// <param name="Number">Not a number for nothing.</param>
public readonly record struct Cell(string? Text, double Number)
{
    /// <summary>Nothing: not known, or there is none.</summary>
    public static readonly Cell Nothing = new(null, double.NaN);

    /// <summary>A text.</summary>
    public static Cell Of(string? text) => text is null ? Nothing : new Cell(text, double.NaN);

    /// <summary>A whole number.</summary>
    public static Cell Of(long number) => new(null, number);

    /// <summary>A time in milliseconds since 1970.</summary>
    public static Cell Of(DateTimeOffset? time) => time is { } at ? Of(at.ToUnixTimeMilliseconds()) : Nothing;

    /// <summary>A rate in bits per second, in steps of 1,000: what nobody sees changes nothing.</summary>
    public static Cell OfRate(double bitsPerSecond) => new(null, Math.Round(bitsPerSecond / 1000) * 1000);

    /// <summary>A share of one, in steps of a thousandth.</summary>
    public static Cell OfShare(double share) => new(null, Math.Round(share, 3));

    /// <summary>Milliseconds, in steps of a tenth; negative for nothing.</summary>
    public static Cell OfMilliseconds(double milliseconds) => milliseconds < 0 ? Nothing : new Cell(null, Math.Round(milliseconds, 1));
}
