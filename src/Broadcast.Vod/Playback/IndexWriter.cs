using Broadcast.Vod.Api;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;

namespace Broadcast.Vod.Playback;

/// <summary>Puts the index of a recording together: what the catalogue knows, and what the ledger knows better while it grows.</summary>
internal static class IndexWriter
{
    /// <param name="pathBase">Before all addresses.</param>
    /// <param name="details">Of the catalogue.</param>
    /// <param name="history">Of the ledger, while the recording is in the spool.</param>
    /// <param name="boundaries">Of a segment.</param>
    /// <param name="isInterrupted">Its node is away.</param>
    /// <param name="since">What the reader has already of the segments; the default has nothing.</param>
    public static IndexView Of(
        string pathBase, RecordingDetails? details, RecordingHistory? history, Func<int, Boundaries> boundaries, bool isInterrupted = false, IndexPlace since = default)
    {
        var summary = details is not null ? RecordingView.Of(details.Recording, pathBase, history, isInterrupted) : RecordingView.Of(history!);
        var id = details?.Recording.Id ?? history!.Id;
        var isReady = details?.Recording.State is RecordingState.Ready;
        var parts = details?.Files.Where(file => file.Kind is FileKind.Part).ToList() ?? [];
        IReadOnlyList<Gap> gaps = history?.Gaps ?? details!.Gaps;
        return new IndexView(
            summary.Id, summary.Stream, summary.Title, summary.Tags, summary.State, summary.StartedAt, summary.EndedAt, summary.Duration, summary.Error,
            [.. parts.Select(file => new FileView(
                file.Name, Urls.File(pathBase, id, file.Name), file.MediaType, Words.Seconds(file.Start), Words.Seconds(file.Duration), file.Bytes, file.Width, file.Height))],
            isReady || history is null ? [] : [.. history.Segments.Where(segment => segment.Number >= since.Segment && (!segment.IsClosed || segment.IsPlayable))
                .Select(segment => Of(pathBase, id, segment, boundaries(segment.Number), segment.Number == since.Segment ? since.Bytes : 0))],
            [.. gaps.Select(gap => new GapView(Words.Seconds(gap.At), Words.Seconds(gap.Duration), Names(gap.Missing), Words.Of(gap.Reason)))],
            [.. Chapter.Of(gaps).Select(chapter => new ChapterView(Words.Seconds(chapter.At), chapter.Name))],
            [.. details?.Previews.Select(preview => Of(pathBase, id, preview, parts.Find(file => file.Name == preview.File))) ?? []],
            [.. details?.Files.Where(file => file.Kind is FileKind.Clip or FileKind.Export).Select(file => new ClipView(
                file.Name, Urls.File(pathBase, id, file.Name), file.MediaType, file.Title, Words.Seconds(file.Start), Words.Seconds(file.Duration), file.Bytes, file.Width, file.Height,
                Words.Of(file.Kind))) ?? []]);
    }

    private static SegmentView Of(string pathBase, RecordingId id, Segment segment, Boundaries boundaries, long known)
    {
        IReadOnlyList<Boundary> all = boundaries.All;
        // An open one is as long as its last boundary, which is where its answer ends.
        var (duration, bytes) = segment.IsClosed ? (segment.Duration, segment.Bytes) : all.Count > 0 ? (all[^1].Duration, all[^1].Bytes) : (TimeSpan.Zero, 0);
        return new SegmentView(
            segment.Number, Urls.Segment(pathBase, id, segment.Number), segment.MediaType, Words.Seconds(segment.Start), Words.Seconds(duration), bytes, segment.Width, segment.Height,
            segment.IsClosed, [.. all.Where(boundary => boundary.Bytes > known).Select(boundary => (IReadOnlyList<double>)[Words.Seconds(boundary.Duration), boundary.Bytes])]);
    }

    private static PreviewView Of(string pathBase, RecordingId id, Preview preview, StoredFile? part) => new(
        preview.File, Words.Seconds(part?.Start ?? TimeSpan.Zero), Words.Seconds(part?.Duration ?? TimeSpan.Zero), Urls.File(pathBase, id, preview.Poster),
        [.. preview.Sprites.Select(sprite => Urls.File(pathBase, id, sprite))], Words.Seconds(preview.Interval), preview.TileWidth, preview.TileHeight, preview.Columns, preview.Rows,
        preview.Tiles);

    private static IReadOnlyList<string> Names(MissingMedia missing) =>
        [.. ((MissingMedia[])[MissingMedia.Video, MissingMedia.Audio]).Where(each => missing.HasFlag(each)).Select(Words.Of)];
}
