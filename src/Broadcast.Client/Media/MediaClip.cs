using Broadcast.Rtc;

namespace Broadcast.Client.Media;

/// <summary>A media file cut into RTP payloads once, so that publishing costs no more than copying and encrypting.</summary>
/// <remarks>Immutable; shared by all publishers. It is played in a loop, so its first frame is a keyframe.</remarks>
internal sealed class MediaClip
{
    private readonly byte[] _data;
    private readonly Packet[] _packets;
    private readonly Frame[] _frames;
    private readonly Dictionary<ulong, int> _packetOfTail = [];

    internal MediaClip(CodecKind codec, uint ticksPerFrame, byte[] data, Packet[] packets, Frame[] frames)
    {
        Codec = codec;
        TicksPerFrame = ticksPerFrame;
        _data = data;
        _packets = packets;
        _frames = frames;
        IndexTails();
    }

    /// <summary>Where a payload lies.</summary>
    internal readonly record struct Packet(int Offset, int Length);

    /// <summary>The packets of a frame.</summary>
    /// <param name="First">Index of the first one.</param>
    /// <param name="Count">At least 1; the last one carries the marker.</param>
    /// <param name="IsKeyframe">Decoding can begin here.</param>
    /// <param name="TemporalId">0 in a clip without temporal layers.</param>
    internal readonly record struct Frame(int First, int Count, bool IsKeyframe, int TemporalId);

    /// <summary>What it holds.</summary>
    public CodecKind Codec { get; }

    /// <summary>Duration of a frame in RTP timestamp units.</summary>
    public uint TicksPerFrame { get; }

    /// <summary>RTP timestamp units per second.</summary>
    public uint ClockRateHz => Codec == CodecKind.Opus ? 48_000u : 90_000u;

    /// <summary>Frames of one round.</summary>
    public int FrameCount => _frames.Length;

    /// <summary>Packets of one round.</summary>
    public int PacketCount => _packets.Length;

    /// <summary>Payload bits per second of media time.</summary>
    public long BitsPerSecond => (long)(_data.Length * 8.0 * ClockRateHz / (TicksPerFrame * (double)_frames.Length));

    /// <summary>A frame.</summary>
    public Frame this[int frame] => _frames[frame];

    /// <summary>The payload of a packet, descriptor included.</summary>
    public ReadOnlySpan<byte> Payload(int packet) => _data.AsSpan(_packets[packet].Offset, _packets[packet].Length);

    /// <summary>The nearest keyframe at or behind a frame, from the start again at the end.</summary>
    public int NextKeyframe(int frame)
    {
        for (var i = frame; i < _frames.Length; i++)
        {
            if (_frames[i].IsKeyframe) return i;
        }

        return 0;
    }

    /// <summary>Finds the packet a received payload came from, whatever a server did to its descriptor.</summary>
    /// <returns>The index, or -1 when it is unknown or not unique.</returns>
    public int PacketOf(ReadOnlySpan<byte> payload) =>
        PayloadTail.TryKey(payload, out var key) && _packetOfTail.TryGetValue(key, out var packet) ? packet : -1;

    private void IndexTails()
    {
        for (var i = 0; i < _packets.Length; i++)
        {
            if (!PayloadTail.TryKey(Payload(i), out var key)) continue;
            if (!_packetOfTail.TryAdd(key, i)) _packetOfTail[key] = -1; // two packets end alike: neither can be told
        }
    }
}
