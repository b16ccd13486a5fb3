using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Tests.Layers;

/// <summary>A source of layered packets that knows which frames each of them really refers to.</summary>
/// <param name="spatialLayers">1 to 3.</param>
/// <param name="isKeyMode">True when spatial layers depend on each other in key pictures only (L3T3_KEY).</param>
/// <param name="upFromBase">True when a picture says that one may go up from its temporal layer (VP9), false when only the first of a layer says so (VP8).</param>
internal sealed class LayeredPictures(int spatialLayers, bool isKeyMode, bool upFromBase)
{
    private static readonly int[] TemporalIds = [0, 2, 1, 2];

    private readonly int[,] _last = new int[3, 3];
    private long _sequence = 70_000;
    private int _sinceKey;
    private int _frame;

    /// <summary>One frame: a picture within one spatial layer.</summary>
    public sealed record Frame(int Number, int Picture, int SpatialId, int TemporalId, bool IsKeyPicture, int[] References, LoggedPacket[] Packets);

    /// <summary>Pictures made.</summary>
    public int Pictures { get; private set; }

    /// <summary>Makes the frames of the next picture, lowest first.</summary>
    public List<Frame> Next(bool keyframe, Random random)
    {
        if (keyframe) _sinceKey = 0;
        var place = _sinceKey++ % 4;
        var temporal = TemporalIds[place];
        var frames = new List<Frame>();
        for (var spatial = 0; spatial < spatialLayers; spatial++)
        {
            var references = new List<int>();
            if (!keyframe)
            {
                // T0 → T0, first T2 → T0, T1 → T0, second T2 → T1 and T0.
                references.Add(_last[spatial, 0]);
                if (place == 3) references.Add(_last[spatial, 1]);
            }

            if (spatial > 0 && (keyframe || !isKeyMode)) references.Add(_frame - 1);
            frames.Add(new Frame(_frame, Pictures, spatial, temporal, keyframe, [.. references], Packets(spatial, temporal, place, keyframe, random)));
            for (var t = temporal; t < 3; t++)
            {
                if (t == temporal || keyframe) _last[spatial, t] = _frame;
            }

            _frame++;
        }

        Pictures++;
        return frames;
    }

    private LoggedPacket[] Packets(int spatial, int temporal, int place, bool keyframe, Random random)
    {
        var temporals = 0xF & (0xF << temporal);
        var isTop = spatial == spatialLayers - 1;
        var spatials = (isKeyMode && !keyframe && !isTop ? 1 << (spatial * 4) : 0x1111 << (spatial * 4)) & 0x1111;
        var targets = (ushort)(temporals * spatials);
        ushort switches;
        if (keyframe) switches = ushort.MaxValue;
        else if (upFromBase) switches = place == 3 ? (ushort)0 : (ushort)(targets & (0x1111 * (0xF & (0xE << temporal))));
        else switches = place is 1 or 2 ? (ushort)(targets & (0x1111 << temporal)) : (ushort)0;
        switches |= (ushort)((switches & 0x4444) << 1); // who wants more than there is
        var packets = new LoggedPacket[random.Next(1, 4)];
        for (var i = 0; i < packets.Length; i++)
        {
            var flags = (keyframe && spatial == 0 && i == 0 ? PacketFlags.StartsKeyframe : 0) | (i == 0 ? PacketFlags.StartsFrame : 0) | (isTop && i == packets.Length - 1 ? PacketFlags.Marker : 0);
            packets[i] = new LoggedPacket(
                _sequence++, 0, MonotonicTime.Zero, (uint)(Pictures * 3000), 0, 100, flags, new LayerMarks(targets, switches, (byte)spatial, (byte)temporal, i == packets.Length - 1));
        }

        return packets;
    }
}
