namespace Broadcast.Recording.Matroska;

/// <summary>What makes an open file a complete one, once its cues are behind its clusters.</summary>
internal static class SegmentTail
{
    /// <summary>Writes SeekHead, Duration and last the Segment's size; stays at no particular place.</summary>
    /// <param name="file">Can seek.</param>
    /// <param name="buffer">To be used.</param>
    /// <param name="places">In the file.</param>
    /// <param name="cuesAt">Where the cues are.</param>
    /// <param name="end">Of the file.</param>
    /// <param name="duration">Of it.</param>
    public static void Patch(Stream file, EbmlWriter buffer, in SegmentPlaces places, long cuesAt, long end, TimeSpan duration)
    {
        buffer.Clear();
        if (SegmentLayout.TryWriteSeekHead(buffer, places, cuesAt)) WriteAt(file, places.DataAt, buffer.Written);

        if (places.DurationAt > 0)
        {
            buffer.Clear();
            SegmentLayout.WriteDuration(buffer, duration);
            WriteAt(file, places.DurationAt, buffer.Written);
        }

        if (end - places.DataAt > EbmlWriter.MaximumSize(places.SizeLength)) return;
        Span<byte> size = stackalloc byte[SegmentLayout.SegmentSizeLength];
        size = size[..places.SizeLength];
        EbmlWriter.PutSize(size, end - places.DataAt);
        WriteAt(file, places.SizeAt, size);
    }

    public static void WriteAt(Stream file, long at, ReadOnlySpan<byte> data)
    {
        file.Position = at;
        file.Write(data);
    }
}
