namespace Broadcast.Vod.Recordings;

/// <summary>The folder in which recordings lie while they grow: one folder for each, named by its id.</summary>
/// <param name="root">Path of the spool.</param>
public sealed class RecordingSpool(string root)
{
    /// <summary>Absolute path of the spool.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The folder of a recording; it exists when the ledger has taken its <see cref="RecordingStarted"/>.</summary>
    public string FolderOf(RecordingId id) => Path.Combine(Root, Named(id));

    /// <summary>The file of a segment.</summary>
    public string PathOf(RecordingId id, int number, SegmentContainer container) =>
        Path.Combine(FolderOf(id), SegmentFile.NameOf(number, container));

    /// <summary>Where finished files, clips and exports of a recording are made, and wait for the store.</summary>
    public string FinishedFolderOf(RecordingId id) => Path.Combine(FolderOf(id), "finished");

    // A default id has no text, and the spool itself is no recording.
    private static string Named(RecordingId id) =>
        id.ToString() is { Length: RecordingId.Length } text ? text : throw new ArgumentException("The id is empty.", nameof(id));
}
