namespace Broadcast.Vod.Recordings;

/// <summary>What happened to a recording, in the order in which it happened. What a recorder has told is never taken back.</summary>
/// <remarks>
/// Times are positions on the timeline of the recording, which begins with its first frame and goes on through gaps: it is the
/// publisher's clock, so that a position is the same in every file made of it.
/// </remarks>
/// <param name="Id">Of the recording.</param>
public abstract record RecordingEvent(RecordingId Id);

/// <summary>The first of all events; what is recorded lies in a folder of the spool with the id as its name.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="StreamId">A validated stream name.</param>
/// <param name="At">By the clock of the recorder.</param>
/// <param name="Trigger">Who wanted it.</param>
/// <param name="RecorderNode">The name of the node that records.</param>
/// <param name="Continues">The recording of a recorder that died, in whose place this is; null for none.</param>
/// <param name="StandsInForNode">
/// The node that makes <paramref name="Continues"/>, while that lives: then this is a recording beside it of which nobody is told, unless
/// it is <see cref="RecordingPromoted"/>. Null for none.
/// </param>
public sealed record RecordingStarted(
    RecordingId Id, string StreamId, DateTimeOffset At, RecordingTrigger Trigger, string RecorderNode, RecordingId? Continues = null,
    string? StandsInForNode = null) : RecordingEvent(Id);

/// <summary>The recording in whose place it stood was cut short: from now on it is a recording like any other.</summary>
/// <param name="Id">Of the recording.</param>
public sealed record RecordingPromoted(RecordingId Id) : RecordingEvent(Id);

/// <summary>A file was begun: it exists from now on, and grows.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="Number">From 1; the file is <see cref="SegmentFile.NameOf"/>.</param>
/// <param name="Container">What the file is.</param>
/// <param name="Start">The position of its time 0.</param>
/// <param name="Tracks">What is in it, in the order of their track numbers, which begin at 1.</param>
public sealed record SegmentOpened(
    RecordingId Id, int Number, SegmentContainer Container, TimeSpan Start, IReadOnlyList<RecordedTrack> Tracks) : RecordingEvent(Id);

/// <summary>So much of the open file can be read by others.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="Number">Of the segment.</param>
/// <param name="Duration">Of what is readable.</param>
/// <param name="Bytes">From the beginning of the file on.</param>
public sealed record SegmentGrown(RecordingId Id, int Number, TimeSpan Duration, long Bytes) : RecordingEvent(Id);

/// <summary>The file is complete, seekable, and does not change any more.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="Number">Of the segment.</param>
/// <param name="Duration">From its first frame to the end of its last.</param>
/// <param name="Bytes">Of the whole file.</param>
/// <param name="Reason">Why it ended here.</param>
public sealed record SegmentClosed(RecordingId Id, int Number, TimeSpan Duration, long Bytes, SegmentEndReason Reason) : RecordingEvent(Id);

/// <summary>For this time there is no picture, or no sound, or neither.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="At">Where it begins.</param>
/// <param name="Duration">How long it is.</param>
/// <param name="Missing">What is missing.</param>
/// <param name="Reason">Why.</param>
public sealed record GapDeclared(RecordingId Id, TimeSpan At, TimeSpan Duration, MissingMedia Missing, GapReason Reason) : RecordingEvent(Id);

/// <summary>Nothing more comes. Also told by a repair, for a recorder that was killed.</summary>
/// <param name="Id">Of the recording.</param>
/// <param name="Duration">Up to the end of the last segment.</param>
/// <param name="Reason">Why.</param>
/// <param name="Error">What a person is told where <paramref name="Reason"/> is <see cref="RecordingEndReason.Failed"/>.</param>
public sealed record RecordingEnded(RecordingId Id, TimeSpan Duration, RecordingEndReason Reason, string? Error = null) : RecordingEvent(Id);

/// <summary>Who wanted a recording.</summary>
public enum RecordingTrigger
{
    /// <summary>The policy of the stream: every publication is recorded.</summary>
    Policy,

    /// <summary>A person or a program, by the interface or the publish page.</summary>
    Request,
}

/// <summary>What a segment file is.</summary>
public enum SegmentContainer
{
    /// <summary>VP8, VP9, AV1 and Opus.</summary>
    WebM,

    /// <summary>What neither of the others allows together; browsers do not play it.</summary>
    Matroska,

    /// <summary>H.264, H.265 and Opus, in fragments.</summary>
    Mp4,
}

/// <summary>Why a segment ended.</summary>
public enum SegmentEndReason
{
    /// <summary>It was long enough.</summary>
    Length,

    /// <summary>The picture's size, its codec, or the layer that is recorded changed.</summary>
    FormatChanged,

    /// <summary>The publisher went or another one came.</summary>
    PublisherChanged,

    /// <summary>The publisher's clock jumped.</summary>
    ClockJumped,

    /// <summary>The recording ended.</summary>
    Ended,

    /// <summary>Its recorder was killed, and what is whole of it was kept.</summary>
    Repaired,
}

/// <summary>What is missing in a gap.</summary>
[Flags]
public enum MissingMedia
{
    /// <summary>No picture.</summary>
    Video = 1,

    /// <summary>No sound.</summary>
    Audio = 2,
}

/// <summary>Why something is missing.</summary>
public enum GapReason
{
    /// <summary>Packets were lost for good.</summary>
    Lost,

    /// <summary>The publisher was away, or sent nothing.</summary>
    PublisherAway,

    /// <summary>The recorder was killed or restarted.</summary>
    RecorderRestarted,

    /// <summary>The disk was full or did not answer.</summary>
    StorageFailed,

    /// <summary>What came could not be understood.</summary>
    Undecodable,
}

/// <summary>Why a recording ended.</summary>
public enum RecordingEndReason
{
    /// <summary>The publisher stopped and did not come back.</summary>
    PublisherLeft,

    /// <summary>It was asked for.</summary>
    Requested,

    /// <summary>It was as long as is allowed.</summary>
    MaximumLength,

    /// <summary>The node went out of service.</summary>
    NodeStopped,

    /// <summary>The recorder was killed; found by the repair.</summary>
    RecorderKilled,

    /// <summary>It cannot go on.</summary>
    Failed,
}

/// <summary>A track of a segment.</summary>
/// <param name="Codec">As in an SDP, lower case: <c>vp8</c>, <c>vp9</c>, <c>av1</c>, <c>h264</c>, <c>h265</c>, <c>opus</c>.</param>
/// <param name="Width">Pixels; 0 for sound.</param>
/// <param name="Height">Pixels; 0 for sound.</param>
/// <param name="CodecString">For the <c>codecs</c> parameter of a media type (RFC 6381), such as <c>avc1.42e01f</c>.</param>
public sealed record RecordedTrack(string Codec, int Width, int Height, string CodecString)
{
    /// <summary>True for a picture.</summary>
    public bool IsVideo => Width > 0;
}

/// <summary>The files of a recording's folder in the spool.</summary>
public static class SegmentFile
{
    /// <summary>The name of a segment's file.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="container">What it is.</param>
    public static string NameOf(int number, SegmentContainer container) => $"{number:D6}.{EndingOf(container)}";

    private static string EndingOf(SegmentContainer container) => container switch
    {
        SegmentContainer.WebM => "webm",
        SegmentContainer.Matroska => "mkv",
        SegmentContainer.Mp4 => "mp4",
        _ => throw new ArgumentOutOfRangeException(nameof(container), container, null),
    };
}
