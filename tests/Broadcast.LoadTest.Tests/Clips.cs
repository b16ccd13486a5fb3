using Broadcast.Client.Media;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Tests;

/// <summary>Media without an encoder.</summary>
internal static class Clips
{
    public static byte[] RandomFrame(int length, int seed)
    {
        var frame = new byte[length];
        new Random(seed).NextBytes(frame);
        return frame;
    }

    /// <summary>VP8 as a forwarder sees it: one keyframe with a right header, then others.</summary>
    public static MediaClip Vp8(int frames, int frameLength)
    {
        var clip = new ClipBuilder(CodecKind.Vp8, 3000);
        for (var i = 0; i < frames; i++)
        {
            var frame = RandomFrame(frameLength, i);
            byte[] head = i == 0 ? [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01] : [0x11]; // RFC 6386 §9.1: 640×360
            head.CopyTo(frame, 0);
            Packetizers.Vp8(clip, new SourceFrame(frame, IsKeyframe: i == 0));
        }

        return clip.Build();
    }
}
