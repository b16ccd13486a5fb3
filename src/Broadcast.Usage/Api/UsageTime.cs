using System.Globalization;

namespace Broadcast.Usage.Api;

/// <summary>Moments as people write them.</summary>
public static class UsageTime
{
    /// <summary>A date, or a moment; without a zone it is UTC.</summary>
    /// <param name="text">ISO 8601; null: not said.</param>
    /// <param name="otherwise">What holds when it is not said.</param>
    /// <param name="at">The moment.</param>
    public static bool TryParse(string? text, DateTimeOffset otherwise, out DateTimeOffset at)
    {
        at = otherwise;
        return text is null || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at);
    }
}
