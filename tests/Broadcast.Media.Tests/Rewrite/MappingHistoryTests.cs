using Broadcast.Media.Rewrite;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Media.Tests.Rewrite;

/// <summary>Which source a sent sequence number came from.</summary>
public class MappingHistoryTests
{
    private static readonly SourceTrack Track = new(MediaKind.Video, CodecKind.Vp8, "", 90_000);

    private static SourceMapping Mapping(int epoch, long source, long sent) => new(Track, epoch, source, sent, 0, 0, 0);

    [Fact]
    public void New_history_is_empty_and_finds_nothing()
    {
        var history = default(MappingHistory);
        Assert.True(history.IsEmpty);
        Assert.False(history.TryFind(0, out _));
        Assert.False(history.TryFind(long.MaxValue, out _));
    }

    [Fact]
    public void Number_is_found_in_the_stretch_it_was_sent_in()
    {
        var history = default(MappingHistory);
        history.Begin(Mapping(1, 5_000, 100), 99);
        history.Begin(Mapping(2, 70_000, 201), 200);
        Assert.Equal(2, history.Current.Epoch);

        Assert.True(history.TryFind(200, out var first));
        Assert.Equal((1, 5_100), (first.Epoch, first.ToSource(200)));
        Assert.True(history.TryFind(201, out var second));
        Assert.Equal((2, 70_000), (second.Epoch, second.ToSource(201)));
        Assert.Equal(201, second.ToSent(70_000));
        Assert.False(history.TryFind(99, out _));
    }

    [Fact]
    public void Number_left_unused_between_two_stretches_is_not_found()
    {
        // The source went on behind the first stretch, so its next packet exists but was never sent under this number.
        var history = default(MappingHistory);
        history.Begin(Mapping(1, 5_000, 100), 99);
        history.Begin(Mapping(1, 5_300, 202), 200);
        Assert.False(history.TryFind(201, out _));
        Assert.True(history.TryFind(200, out _));
        Assert.True(history.TryFind(202, out _));
    }

    [Fact]
    public void Only_the_last_four_stretches_are_remembered()
    {
        var history = default(MappingHistory);
        for (var epoch = 1; epoch <= 50; epoch++)
        {
            history.Begin(Mapping(epoch, epoch * 1_000, epoch * 10), (epoch * 10) - 1);
            Assert.Equal(epoch, history.Current.Epoch);
            for (var back = 0; back < 6; back++)
            {
                var wanted = epoch - back;
                var found = history.TryFind((wanted * 10) + 5, out var mapping);
                Assert.Equal(wanted >= 1 && back < 4, found && mapping.Epoch == wanted);
            }
        }
    }
}
