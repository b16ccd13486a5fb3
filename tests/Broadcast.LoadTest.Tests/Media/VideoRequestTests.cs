using Broadcast.Client.Media;
using Broadcast.Rtc;

namespace Broadcast.LoadTest.Tests.Media;

public class VideoRequestTests
{
    [Theory]
    [InlineData(60, 300)]
    [InlineData(120, 360)] // 300 frames would end in half an interval, and every third keyframe would come early
    [InlineData(400, 400)]
    [InlineData(10_000, 300)] // nobody waits for five minutes of encoding
    public void FrameCount_HoldsWholeKeyframeIntervals(int keyframeInterval, int frames)
    {
        var request = new ClipGenerator.VideoRequest(CodecKind.Vp8, 640, 360, FramesPerSecond: 30, 500_000, keyframeInterval);
        Assert.Equal(frames, request.FrameCount);
    }
}
