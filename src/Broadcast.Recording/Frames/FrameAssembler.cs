using Broadcast.Rtc;

namespace Broadcast.Recording.Frames;

/// <summary>Puts the packets of a track together to frames as a container stores them. Owned by one thread; no clock, no files.</summary>
/// <remarks>
/// Only whole frames come out, and after a loss none before the next one with which a decoder can begin: a damaged frame in a file is
/// seen each time that it is played.
/// </remarks>
public abstract class FrameAssembler
{
    /// <summary>True for the codecs that <see cref="Create"/> knows.</summary>
    public static bool Supports(CodecKind codec) => codec is not (CodecKind.Pcmu or CodecKind.Pcma);

    /// <summary>Makes the assembler of a codec.</summary>
    /// <param name="codec">One that <see cref="Supports"/>.</param>
    /// <param name="formatParameters">The value of a=fmtp; its parameter sets of H.264 and H.265 are used until others come in the stream.</param>
    public static FrameAssembler Create(CodecKind codec, string formatParameters) => codec switch
    {
        CodecKind.Vp8 => new Vp8Assembler(),
        CodecKind.Vp9 => new Vp9Assembler(),
        CodecKind.Av1 => new Av1Assembler(),
        CodecKind.H264 => new H264Assembler(formatParameters),
        CodecKind.H265 => new H265Assembler(formatParameters),
        CodecKind.Opus => new OpusAssembler(),
        _ => throw new NotSupportedException($"{codec.RtpMapName()} is not recorded."),
    };

    /// <summary>True at the start and after a loss, until a frame came with which a decoder can begin. Never for sound.</summary>
    public abstract bool NeedsKeyframe { get; }

    /// <summary>Frames that came in part, or could not be decoded for what was lost before.</summary>
    public abstract long DroppedFrames { get; }

    /// <summary>Takes the next packet; those without payload too.</summary>
    /// <param name="payload">Of RTP, without padding; RED already unpacked.</param>
    /// <param name="timestamp">RTP time, unwrapped to 64 bits.</param>
    /// <param name="marker">Of RTP.</param>
    public abstract void Push(ReadOnlySpan<byte> payload, long timestamp, bool marker);

    /// <summary>Says that packets are missing between the last and the next one.</summary>
    public abstract void NoteLoss();

    /// <summary>Nothing more will come: what is whole but waits for a successor becomes a frame.</summary>
    public abstract void Finish();

    /// <summary>Takes the next frame; to be called until there is none after each <see cref="Push"/>.</summary>
    /// <param name="frame">Its data are valid until the next call of any method.</param>
    public abstract bool TryTake(out AssembledFrame frame);
}

/// <summary>A frame as it lies in a container.</summary>
/// <param name="Timestamp">RTP time of presentation, unwrapped.</param>
/// <param name="IsKeyframe">A decoder can begin here; true for all sound.</param>
/// <param name="Data">As Matroska wants it: VP9 as a superframe, AV1 with sizes and without temporal delimiters, H.264 and H.265 with lengths of four bytes.</param>
/// <param name="Format">The same object as long as nothing changes in it.</param>
public readonly record struct AssembledFrame(long Timestamp, bool IsKeyframe, ReadOnlyMemory<byte> Data, TrackFormat Format);

/// <summary>What a container says of a track.</summary>
/// <param name="Codec">What it is.</param>
/// <param name="Width">Pixels; 0 for sound.</param>
/// <param name="Height">Pixels; 0 for sound.</param>
/// <param name="Channels">Of sound; 0 for a picture.</param>
/// <param name="CodecPrivate">Matroska's CodecPrivate (av1C, avcC, hvcC, OpusHead, VP9 features); empty for none.</param>
/// <param name="CodecString">For the <c>codecs</c> parameter of a media type (RFC 6381).</param>
public sealed record TrackFormat(CodecKind Codec, int Width, int Height, int Channels, ReadOnlyMemory<byte> CodecPrivate, string CodecString)
{
    /// <summary>True when frames of the other can go on in the same segment.</summary>
    public bool IsSameAs(TrackFormat other) =>
        ReferenceEquals(this, other)
        || (Codec == other.Codec && Width == other.Width && Height == other.Height && Channels == other.Channels && CodecPrivate.Span.SequenceEqual(other.CodecPrivate.Span));
}
