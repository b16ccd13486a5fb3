using Broadcast.Vod.Jobs;

namespace Broadcast.Recording.Finishing;

/// <summary>Clips: from a keyframe on, without encoding again.</summary>
public sealed partial class FfmpegWorkshop
{
    /// <inheritdoc/>
    /// <remarks><see cref="MediaFile.Start"/> of what is returned is where in the file the clip really begins.</remarks>
    public async Task<MediaFile> ClipAsync(ClipOrder order, IProgress<double> progress, CancellationToken cancellation)
    {
        var format = FileFormat.OfPath(order.Output);
        var source = await ProbeAsync(order.Path, cancellation) ?? throw new WorkshopException("The file to cut from cannot be played.");
        format.Check(source.Tracks);
        var length = source.Duration ?? TimeSpan.MaxValue;
        var from = order.From > TimeSpan.Zero ? order.From : TimeSpan.Zero;
        var to = order.To < length ? order.To : length;
        if (from >= to) throw new WorkshopException($"The clip would be empty: it must begin before it ends, within the {length.TotalSeconds:F1} s of the file.");

        // The index of keyframes is that of the picture; sound alone can be cut anywhere.
        var start = from;
        if (source.Video is not null)
        {
            start = await ProbedFile.KeyframeBeforeAsync(_runner, order.Path, from, cancellation) ?? TimeSpan.Zero;
            // Before the first keyframe there is only sound, or nothing.
            if (start > from) start = TimeSpan.Zero;
        }

        using var work = new WorkFolder(Path.GetDirectoryName(Path.GetFullPath(order.Output))!);
        var metadata = work.Write("metadata", FfmpegInput.Metadata(order.Title, null, to - start, []));
        var clip = work["clip"];
        await RunAsync(
            // seek_timestamp: else the time of the file's first packet would be added to the position.
            FfmpegInput.From(order.Path, "-seek_timestamp", "1", "-ss", FfmpegInput.Seconds(start)).AndMetadata(metadata).To(clip, [
                .. CopyArguments(source.Tracks, format), "-copypriorss", "0", "-t", FfmpegInput.Seconds(to - start),
                .. Limit(source.Bytes), .. format.Arguments,
            ]),
            to - start,
            progress,
            cancellation);

        var made = await ProbeAsync(clip, cancellation) ?? throw new WorkshopException("Nothing to see or hear is in this part of the recording.");
        if (made.Tracks.Any(t => source.Tracks.All(s => s.Codec != t.Codec))) throw new WorkshopException($"FFmpeg made a clip with {Codecs(made.Tracks)} of {Codecs(source.Tracks)}.");
        // It may be shorter, where a gap lies at its end.
        if (made.Duration is not { } got || got > to - start + DurationTolerance)
            throw new WorkshopException($"FFmpeg made a clip of {made.Duration?.TotalSeconds:F2} s instead of {(to - start).TotalSeconds:F2} s.");
        File.Move(clip, order.Output, overwrite: true);
        progress.Report(1);
        return Describe(made, order.Output, format, start, made.Tracks.Select(CodecStrings.Of));
    }
}
