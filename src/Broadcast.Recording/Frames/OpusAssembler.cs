using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>Opus (RFC 7587): each packet is a frame.</summary>
/// <remarks>
/// The pre-skip is 0: a stream is joined while it goes on, nothing at its beginning is to be left out, and so a sound has the time of its
/// packet. Where the encoder was silent (DTX), packets without frames fill the time: players take a hole in the sound for the end
/// of what they have.
/// </remarks>
internal sealed class OpusAssembler : FrameAssembler
{
    private const int Channels = 2; // RFC 7587 §7: always in the SDP; mono is played on both
    private const int MaximumLength = 64 * 1024;

    /// <summary>libopus sends at least one packet in 400 ms.</summary>
    private const long MaximumSilence = OpusPacket.ClockRateHz;

    /// <summary>A clock that runs back further than this was started again.</summary>
    private const long RestartDistance = 10L * OpusPacket.ClockRateHz;

    private static readonly TrackFormat StereoFormat = new(CodecKind.Opus, 0, 0, Channels, CreateHead(), "opus");

    private readonly byte[] _filler = new byte[1];
    private byte[] _packet = new byte[2048];
    private int _length;
    private long _timestamp;
    private bool _isReady;
    private bool _hasLast;
    private bool _isSilent;
    private long _last;
    private long _expected;
    private long _nextFiller;
    private int _fillerDuration;
    private long _droppedFrames;

    public override bool NeedsKeyframe => false;

    public override long DroppedFrames => _droppedFrames;

    public override void Push(ReadOnlySpan<byte> payload, long timestamp, bool marker)
    {
        if (payload.IsEmpty) return;
        if (_isReady) _droppedFrames++;
        _isReady = false;
        var isRestart = _hasLast && _last - timestamp >= RestartDistance;
        if (payload.Length > MaximumLength || OpusPacket.TryDuration(payload, out var duration) != DropReason.None
            || (_hasLast && timestamp <= _last && !isRestart))
        {
            _droppedFrames++;
            return;
        }

        // :: Step 1: silence up to here, in the mode of the last packet, as frames of no bytes
        var isFilled = _hasLast && _isSilent && timestamp > _expected && timestamp - _expected <= MaximumSilence;
        _nextFiller = isFilled ? _expected : timestamp;
        if (isFilled)
        {
            _filler[0] = (byte)(_packet[0] & 0xFC);
            OpusPacket.TryDuration(_filler, out _fillerDuration);
        }

        // :: Step 2: the packet itself
        if (payload.Length > _packet.Length) _packet = new byte[MaximumLength];
        payload.CopyTo(_packet);
        _length = payload.Length;
        _timestamp = _last = timestamp;
        _expected = timestamp + duration;
        _isReady = _hasLast = true;
        _isSilent = OpusPacket.IsDiscontinuous(payload);
    }

    public override void NoteLoss() => _isSilent = false;

    public override void Finish()
    {
    }

    public override bool TryTake(out AssembledFrame frame)
    {
        frame = default;
        if (!_isReady) return false;
        if (_nextFiller < _timestamp && _nextFiller + _fillerDuration <= _timestamp)
        {
            frame = new AssembledFrame(_nextFiller, true, _filler, StereoFormat);
            _nextFiller += _fillerDuration;
            return true;
        }

        _isReady = false;
        frame = new AssembledFrame(_timestamp, true, _packet.AsMemory(0, _length), StereoFormat);
        return true;
    }

    /// <summary>OpusHead (RFC 7845 §5.1) for one stream of two channels.</summary>
    private static byte[] CreateHead() => [.. "OpusHead"u8, 1, Channels, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0];
}
