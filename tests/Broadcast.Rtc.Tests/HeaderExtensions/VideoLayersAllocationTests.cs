using Broadcast.Rtc.HeaderExtensions;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class VideoLayersAllocationTests
{
    // Stream 2 of three; one spatial layer each; 2, 2 and 3 temporal layers; with sizes.
    private static readonly byte[] Simulcast = Hex.Bytes(
        "A1 58  3C 64  AC02 F403  90 03 AC 08 C413  013F 00B3 1E  027F 0167 1E  04FF 02CF 3C");

    [Fact]
    public void Simulcast_with_a_shared_mask_and_sizes()
    {
        var layers = new VideoLayer[VideoLayersAllocation.MaximumLayers];
        Assert.Equal(DropReason.None, VideoLayersAllocation.TryParse(Simulcast, layers, out var allocation));
        Assert.Equal(new VideoLayersAllocation(2, 3, 3, true), allocation);
        Assert.Equal((0, 0, 2), (layers[0].StreamIndex, layers[0].SpatialId, layers[0].TemporalLayerCount));
        Assert.Equal(60u, layers[0].TargetKilobitsPerSecond(0));
        Assert.Equal(100u, layers[0].TotalKilobitsPerSecond);
        Assert.Equal(300u, layers[1].TargetKilobitsPerSecond(0));
        Assert.Equal(500u, layers[1].TotalKilobitsPerSecond);
        Assert.Equal(2500u, layers[2].TotalKilobitsPerSecond);
        Assert.Equal((1280, 720, 60), (layers[2].Width, layers[2].Height, layers[2].MaximumFrameRate));
        Assert.Equal((320, 180), (layers[0].Width, layers[0].Height));
    }

    [Fact]
    public void Masks_per_stream_name_the_active_layers()
    {
        // Two streams: the first with spatial layers 0 and 2, the second with layer 1; one temporal layer each.
        var layers = new VideoLayer[VideoLayersAllocation.MaximumLayers];
        Assert.Equal(DropReason.None, VideoLayersAllocation.TryParse(Hex.Bytes("10 52 00 0A 14 1E"), layers, out var allocation));
        Assert.Equal(3, allocation.LayerCount);
        Assert.False(allocation.HasSizes);
        Assert.Equal([(0, 0, 10u), (0, 2, 20u), (1, 1, 30u)],
            layers.Take(3).Select(layer => ((int)layer.StreamIndex, (int)layer.SpatialId, layer.TotalKilobitsPerSecond)));
    }

    [Fact]
    public void A_single_zero_byte_says_that_nothing_is_sent()
    {
        Assert.Equal(DropReason.None, VideoLayersAllocation.TryParse([0], new VideoLayer[16], out var allocation));
        Assert.True(allocation.IsEmpty);
    }

    [Fact]
    public void Every_truncation_is_refused_or_lacks_the_sizes()
    {
        for (var length = 0; length < Simulcast.Length; length++)
        {
            var reason = VideoLayersAllocation.TryParse(Simulcast.AsSpan(0, length), new VideoLayer[16], out var allocation);
            Assert.True(reason != DropReason.None || (!allocation.HasSizes && length == Simulcast.Length - 15));
        }
    }

    [Fact]
    public void Random_bytes_never_throw() =>
        Gen.Byte.Array[0, 100].Sample(bytes =>
        {
            VideoLayersAllocation.TryParse(bytes, new VideoLayer[16], out var allocation);
            return allocation.LayerCount is >= 0 and <= 16;
        });
}
