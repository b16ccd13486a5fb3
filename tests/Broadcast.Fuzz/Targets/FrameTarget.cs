using System.Buffers.Binary;
using Broadcast.Fuzz.Corpus;
using Broadcast.Fuzz.Files;
using Broadcast.Recording.Frames;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;
using Step = Broadcast.Fuzz.Corpus.SampleFrames.Step;

namespace Broadcast.Fuzz.Targets;

/// <summary>
/// Packets of one track, put together to frames, and those written to a file. Each packet is a byte that says what happens
/// (<see cref="Step"/>), two of its length, and its payload.
/// </summary>
internal sealed class FrameTarget(CodecKind codec) : FuzzTarget
{
    private const int HeaderLength = 3;
    private const int PictureTicks = 3_000;
    private const int SecondTicks = 90_000;
    private const int MaximumFrameLength = 8 << 20;

    /// <summary>The longest silence that is filled, in packets of 2.5 ms.</summary>
    private const int MaximumFillers = 400;

    public override string Name => "frames-" + codec.ToString().ToLowerInvariant();

    public override IReadOnlyList<byte[]> Corpus { get; } = SampleFrames.Of(codec);

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var taken = new Taken(codec);
        var assembler = FrameAssembler.Create(codec, "");
        long timestamp = 100 * SecondTicks;
        for (var rest = input; rest.Length >= HeaderLength;)
        {
            var step = (Step)rest[0];
            var payload = rest.Slice(HeaderLength, Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest[1..]), rest.Length - HeaderLength));
            rest = rest[(HeaderLength + payload.Length)..];
            timestamp += (step.HasFlag(Step.NextPicture) ? PictureTicks : 0) - (step.HasFlag(Step.StepBack) ? 2 * PictureTicks : 0)
                - (step.HasFlag(Step.ClockRestart) ? 20 * SecondTicks : 0) + (step.HasFlag(Step.LongPause) ? SecondTicks / 4 : 0);
            if (step.HasFlag(Step.Loss))
            {
                taken.Drain(assembler);
                assembler.NoteLoss();
                taken.NoteLoss();
            }

            assembler.Push(payload, timestamp, step.HasFlag(Step.Marker));
            taken.NotePacket(payload.Length);
            if (step.HasFlag(Step.Finish)) assembler.Finish();
            if (!step.HasFlag(Step.LeaveFrames)) taken.Drain(assembler);
        }

        assembler.Finish();
        taken.Drain(assembler);
        if (taken.Frames.Count == 0) return false;
        CheckFiles(taken.Frames, input.Length);
        return true;
    }

    /// <summary>Frames of one format become a segment, which is whole, and can be repaired wherever it is torn.</summary>
    private void CheckFiles(List<AssembledFrame> frames, int seed)
    {
        var segment = frames.TakeWhile(frame => ReferenceEquals(frame.Format, frames[0].Format)).ToList();
        foreach (var container in WrittenFile.ContainersOf(codec))
        {
            var file = WrittenFile.Of(container, [segment], isClosed: true);
            Invariant.Holds(WrittenFile.IsWhole(file), $"a closed segment of {container} is whole");
            KilledFile.Check(file.AsSpan(0, seed * 31 % file.Length));
        }
    }

    /// <summary>What came out, with what must hold of it.</summary>
    private sealed class Taken(CodecKind codec)
    {
        private readonly bool _isSound = codec == CodecKind.Opus;
        private bool _needsKeyframe = true;
        private TrackFormat? _format;
        private long _payloadBytes;
        private long _packets;

        public List<AssembledFrame> Frames { get; } = [];

        public void NoteLoss() => _needsKeyframe = true;

        public void NotePacket(int length)
        {
            _payloadBytes += length;
            _packets++;
        }

        public void Drain(FrameAssembler assembler)
        {
            while (assembler.TryTake(out var frame))
            {
                Check(frame);
                Frames.Add(frame with { Data = frame.Data.ToArray() });
                Invariant.Holds(Frames.Count <= _packets * (_isSound ? 1 + MaximumFillers : 1), "a packet makes one frame, or the silence before it");
            }
        }

        private void Check(in AssembledFrame frame)
        {
            Invariant.Holds(frame.Data.Length is > 0 and <= MaximumFrameLength && frame.Data.Length <= (2 * _payloadBytes) + 64, "a frame is made of what came");
            Invariant.Holds(frame.IsKeyframe || !_needsKeyframe, "the first frame, also after a loss, is one with which a decoder can begin");
            Invariant.Holds(frame.IsKeyframe || ReferenceEquals(frame.Format, _format), "a format begins with a keyframe");
            Invariant.Holds(_isSound || frame.Format is { Width: > 0, Height: > 0 }, "a picture has a size");
            Invariant.Holds(frame.Format.Codec == codec && (_isSound || codec == CodecKind.Vp8 || !frame.Format.CodecPrivate.IsEmpty), "a format has what its codec needs");
            (_needsKeyframe, _format) = (false, frame.Format);
            Invariant.Holds(IsWellFormed(frame.Data.Span), "a frame is what a container stores");
        }

        private bool IsWellFormed(ReadOnlySpan<byte> frame) => codec switch
        {
            CodecKind.H264 or CodecKind.H265 => AreUnits(frame, codec == CodecKind.H264 ? 1 : 2),
            CodecKind.Av1 => AreObus(frame),
            CodecKind.Opus => OpusPacket.TryDuration(frame, out _) == DropReason.None,
            _ => true,
        };

        /// <summary>Lengths of four bytes before each unit.</summary>
        private static bool AreUnits(ReadOnlySpan<byte> frame, int shortest)
        {
            while (frame.Length >= 4)
            {
                var length = BinaryPrimitives.ReadUInt32BigEndian(frame);
                if (length < shortest || length > frame.Length - 4) return false;
                frame = frame[(4 + (int)length)..];
            }

            return frame.IsEmpty;
        }

        /// <summary>Each with its size (leb128); no temporal delimiters.</summary>
        private static bool AreObus(ReadOnlySpan<byte> frame)
        {
            while (!frame.IsEmpty)
            {
                var at = (frame[0] & 0x04) != 0 ? 2 : 1;
                if ((frame[0] & 0x02) == 0 || ((frame[0] >> 3) & 15) == 2) return false;
                var size = 0;
                for (var shift = 0; ; shift += 7)
                {
                    if (at >= frame.Length || shift > 28) return false;
                    size |= (frame[at] & 0x7F) << shift;
                    if ((frame[at++] & 0x80) == 0) break;
                }

                if (size < 0 || size > frame.Length - at) return false;
                frame = frame[(at + size)..];
            }

            return true;
        }
    }
}
