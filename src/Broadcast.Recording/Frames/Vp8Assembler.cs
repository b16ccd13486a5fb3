using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>VP8 (RFC 7741): a frame is what follows the descriptors of its packets.</summary>
internal sealed class Vp8Assembler : VideoAssembler
{
    private const int FrameTagLength = 3;

    private bool _isStarted;

    protected override void Reset() => _isStarted = false;

    protected override bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (Vp8Descriptor.TryParse(payload, out var descriptor) != DropReason.None || payload.Length <= descriptor.Length) return false;
        if (descriptor.IsFrameStart == _isStarted) return false;
        _isStarted = true;
        return Buffer.TryAppend(payload[descriptor.Length..]);
    }

    protected override Outcome Complete(out bool isKeyframe)
    {
        var frame = Buffer.Span;
        isKeyframe = !frame.IsEmpty && (frame[0] & 1) == 0;
        if (!_isStarted || frame.Length < FrameTagLength) return Outcome.Broken;
        if (!isKeyframe) return Outcome.Frame;

        // The whole frame is a payload with a descriptor of no bytes.
        var size = default(Vp8Descriptor).KeyframeSize(frame);
        if (!size.IsKnown) return Outcome.Broken;
        if (Format is null || Format.Width != size.Width || Format.Height != size.Height)
        {
            SetFormat(new TrackFormat(CodecKind.Vp8, size.Width, size.Height, 0, default, "vp8"));
        }

        return Outcome.Frame;
    }
}
