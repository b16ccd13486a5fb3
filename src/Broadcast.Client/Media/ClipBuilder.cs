using System.Buffers;
using Broadcast.Rtc;

namespace Broadcast.Client.Media;

/// <summary>Collects the payloads of a clip while a packetizer writes them.</summary>
internal sealed class ClipBuilder(CodecKind codec, uint ticksPerFrame)
{
    /// <summary>Longest payload: with RTP header, extensions and tag a packet stays near 1,200 bytes, as in browsers.</summary>
    public const int MaxPayload = 1_150;

    private readonly ArrayBufferWriter<byte> _data = new();
    private readonly List<MediaClip.Packet> _packets = [];
    private readonly List<MediaClip.Frame> _frames = [];
    private int _firstPacket;

    /// <summary>Adds a payload made of up to three parts.</summary>
    public void AddPacket(ReadOnlySpan<byte> descriptor, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        _packets.Add(new MediaClip.Packet(_data.WrittenCount, descriptor.Length + first.Length + second.Length));
        _data.Write(descriptor);
        _data.Write(first);
        _data.Write(second);
    }

    /// <summary>Closes the frame whose packets were added.</summary>
    public void EndFrame(bool isKeyframe, int temporalId = 0)
    {
        if (_packets.Count == _firstPacket) return;
        _frames.Add(new MediaClip.Frame(_firstPacket, _packets.Count - _firstPacket, isKeyframe, temporalId));
        _firstPacket = _packets.Count;
    }

    /// <summary>The clip, from its first keyframe on.</summary>
    /// <exception cref="InvalidDataException">There is no keyframe.</exception>
    public MediaClip Build()
    {
        var start = _frames.FindIndex(frame => frame.IsKeyframe);
        if (start < 0) throw new InvalidDataException("The media file has no keyframe.");
        return new MediaClip(codec, ticksPerFrame, _data.WrittenSpan.ToArray(), [.. _packets], [.. _frames[start..]]);
    }

    /// <summary>The length of the next part when <paramref name="rest"/> is cut into parts as equal as can be, as browsers do.</summary>
    public static int NextPart(int rest, int maximum)
    {
        var parts = (rest + maximum - 1) / maximum;
        return (rest + parts - 1) / parts;
    }
}
