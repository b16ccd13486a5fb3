using Broadcast.Rtc;
using Broadcast.Testing.Peers;

namespace Broadcast.Testing.Media;

/// <summary>A picture that a viewer could show.</summary>
/// <param name="Source">Which publisher made it.</param>
/// <param name="Frame">Its number there.</param>
/// <param name="IsKeyframe">True when it refers to none.</param>
/// <param name="Timestamp">RTP timestamp toward the viewer.</param>
/// <param name="PictureId">After rewriting.</param>
/// <param name="Tl0PictureIndex">After rewriting.</param>
/// <param name="FirstSequence">Of its first packet.</param>
/// <param name="LastSequence">Of its last packet.</param>
/// <param name="At">When it could be shown.</param>
public sealed record DecodedFrame(
    byte Source, int Frame, bool IsKeyframe, uint Timestamp, ushort PictureId, byte Tl0PictureIndex, long FirstSequence, long LastSequence, MonotonicTime At);

/// <summary>Decides, by libwebrtc's rules, which complete frames could be decoded: a keyframe, or the one after the last by its picture id.</summary>
public sealed class Vp8Decoder
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(600);

    private readonly SortedDictionary<long, DecodedFrame> _complete = [];

    /// <summary>What was shown, in order.</summary>
    public List<DecodedFrame> Decoded { get; } = [];

    /// <summary>The last picture, or null.</summary>
    public DecodedFrame? Last => Decoded.Count > 0 ? Decoded[^1] : null;

    /// <summary>Complete frames that were passed over.</summary>
    public int Skipped { get; private set; }

    /// <summary>True when frames wait for one that does not come.</summary>
    public bool IsStuck(MonotonicTime now) => _complete.Count > 0 && now - _complete.First().Value.At > Patience;

    /// <summary>Takes a packet and shows what has become decodable.</summary>
    public void Add(ReceivedPacket packet, IReadOnlyDictionary<long, ReceivedPacket> all)
    {
        if (!packet.IsPadding && Complete(packet, all) is { } frame && frame.FirstSequence > (Last?.LastSequence ?? -1)) _complete[frame.FirstSequence] = frame;
        Advance(packet.At);
    }

    private static DecodedFrame? Complete(ReceivedPacket packet, IReadOnlyDictionary<long, ReceivedPacket> all)
    {
        var first = packet.Sequence - packet.Video.Index;
        var last = first + packet.Video.Count - 1;
        for (var sequence = first; sequence <= last; sequence++)
        {
            if (!all.TryGetValue(sequence, out var other) || other.Video.Frame != packet.Video.Frame || other.Timestamp != packet.Timestamp) return null;
        }

        if (!all[last].Marker) return null;
        return new DecodedFrame(
            packet.Video.Source, packet.Video.Frame, packet.Video.IsKeyframe, packet.Timestamp, packet.PictureId, packet.Tl0PictureIndex, first, last, packet.At);
    }

    private void Advance(MonotonicTime now)
    {
        while (_complete.Count > 0)
        {
            var (_, next) = _complete.First();
            if (Follows(next))
            {
                Show(next, now);
                continue;
            }

            // Not the next one: wait for repair, then go on at a keyframe.
            if (now - next.At < Patience && Last is not null) return;
            var keyframe = _complete.Values.FirstOrDefault(frame => frame.IsKeyframe);
            if (keyframe is null) return;
            foreach (var passed in _complete.Keys.Where(key => key < keyframe.FirstSequence).ToArray())
            {
                _complete.Remove(passed);
                Skipped++;
            }

            Show(keyframe, now);
        }
    }

    private bool Follows(DecodedFrame frame)
    {
        if (Last is not { } last) return frame.IsKeyframe;
        return frame.PictureId == ((last.PictureId + 1) & 0x7FFF) && (frame.IsKeyframe || frame.Source == last.Source);
    }

    private void Show(DecodedFrame frame, MonotonicTime now)
    {
        _complete.Remove(frame.FirstSequence);
        Decoded.Add(frame with { At = now });
    }
}
