using System.Globalization;

namespace Broadcast.Vod.Playback;

/// <summary>Up to where a reader knows the segments of a recording: those before this one, and of this one the boundaries up to so many bytes.</summary>
internal readonly record struct IndexPlace(int Segment, long Bytes)
{
    /// <summary>Reads "number,bytes"; null is the beginning.</summary>
    public static bool TryParse(string? text, out IndexPlace place)
    {
        place = default;
        if (text is null) return true;
        var parts = text.Split(',');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var segment)
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
        {
            return false;
        }

        place = new IndexPlace(segment, bytes);
        return true;
    }
}
