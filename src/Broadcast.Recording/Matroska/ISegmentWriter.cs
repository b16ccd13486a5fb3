using Broadcast.Recording.Frames;

namespace Broadcast.Recording.Matroska;

/// <summary>Writes one segment file so that what was written survives the death of the process. Owned by one thread.</summary>
/// <remarks>
/// While it is open its own size is not known and it has no cues, and plays up to its last flush. <see cref="Close"/> makes it seekable.
/// </remarks>
public interface ISegmentWriter : IDisposable
{
    /// <summary>Adds a frame; frames of one track in the order of decoding, of all tracks nearly in the order of time.</summary>
    /// <param name="track">Index into the tracks with which the segment was begun.</param>
    /// <param name="time">From the beginning of the segment on, ≥ 0; never less than that of the track's last frame.</param>
    /// <param name="isKeyframe">A decoder can begin here.</param>
    /// <param name="data">As a container stores it.</param>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    void Write(int track, TimeSpan time, bool isKeyframe, ReadOnlySpan<byte> data);

    /// <summary>Gives what was written to the system, so that others can read it and a killed process does not lose it.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    void Flush();

    /// <summary>From the segment's beginning to the end of its last frame, as flushed.</summary>
    TimeSpan FlushedDuration { get; }

    /// <summary>Bytes of the file, as flushed.</summary>
    long FlushedBytes { get; }

    /// <summary>Writes cues, duration and sizes, and closes the file.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    void Close();
}
