using System.Buffers;
using Broadcast.Recording.Frames;
using Broadcast.Rtc;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tap;

/// <summary>A frame that waits for its place in a segment. Its bytes are rented; <see cref="Release"/> gives them back.</summary>
/// <param name="RtpTime">Of presentation, unwrapped.</param>
/// <param name="IsKeyframe">A decoder can begin here.</param>
/// <param name="Format">Of the track from here on.</param>
/// <param name="Arrival">When its last packet came.</param>
/// <param name="ReadAt">When it became whole here.</param>
/// <param name="Missing">Why frames before it are missing; null when none are.</param>
internal readonly record struct TappedFrame(
    long RtpTime, bool IsKeyframe, TrackFormat Format, MonotonicTime Arrival, MonotonicTime ReadAt, GapReason? Missing)
{
    private readonly byte[] _bytes = [];
    private readonly int _length;

    /// <summary>Copies what an assembler gave.</summary>
    public TappedFrame(in AssembledFrame frame, MonotonicTime arrival, MonotonicTime readAt, GapReason? missing)
        : this(frame.Timestamp, frame.IsKeyframe, frame.Format, arrival, readAt, missing)
    {
        _length = frame.Data.Length;
        _bytes = ArrayPool<byte>.Shared.Rent(_length);
        frame.Data.Span.CopyTo(_bytes);
    }

    /// <summary>As a container stores it.</summary>
    public ReadOnlySpan<byte> Data => _bytes.AsSpan(0, _length);

    /// <summary>Bytes of it.</summary>
    public int Length => _length;

    /// <summary>Gives the bytes back; the frame must not be used any more.</summary>
    public void Release() => ArrayPool<byte>.Shared.Return(_bytes);
}
