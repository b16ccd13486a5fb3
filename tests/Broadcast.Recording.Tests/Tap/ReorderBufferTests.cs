using Broadcast.Recording.Tap;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests.Tap;

/// <summary>Packets come out in order, each once, and losses are said where they are.</summary>
public class ReorderBufferTests
{
    private readonly ReorderBuffer _buffer = new();
    private MonotonicTime _now = new(5_000_000_000);

    [Fact]
    public void Packets_in_order_come_out_at_once()
    {
        Assert.Equal("10 11 12", Push(10, 11, 12));
        Assert.False(_buffer.HasHole);
    }

    [Fact]
    public void Late_packet_fills_its_hole()
    {
        Assert.Equal("10", Push(10, 12, 13));
        Assert.True(_buffer.HasHole);
        _now += TimeSpan.FromSeconds(2);
        Assert.Equal("11 12 13", Push(11));
        Assert.Equal(0, _buffer.Lost);
    }

    [Fact]
    public void Hole_is_given_up_after_patience_and_not_before()
    {
        Assert.Equal("10", Push(10, 13));
        _now += ReorderBuffer.Patience - TimeSpan.FromMilliseconds(1);
        Assert.Equal("", Take());
        _now += TimeSpan.FromMilliseconds(1);
        Assert.Equal("!13", Take());
        Assert.Equal(2, _buffer.Lost);
        Assert.Equal("14", Push(11, 14));
    }

    [Fact]
    public void Second_hole_has_a_patience_of_its_own()
    {
        Push(10, 12);
        _now += TimeSpan.FromSeconds(1);
        Push(14);
        _now += TimeSpan.FromSeconds(1.6);
        Assert.Equal("!12", Take());
        Assert.Equal("13 14", Push(13));
    }

    [Fact]
    public void Duplicates_and_what_is_behind_are_not_wanted()
    {
        Push(10, 12);
        Assert.False(_buffer.IsWanted(10));
        Assert.False(_buffer.IsWanted(12));
        Assert.False(_buffer.IsWanted(9));
        Assert.True(_buffer.IsWanted(11));
    }

    [Fact]
    public void Jump_beyond_all_memory_is_one_loss()
    {
        Assert.Equal("10", Push(10));
        Assert.Equal("!1000010", Push(1_000_010));
        Assert.Equal(999_999, _buffer.Lost);
    }

    [Fact]
    public void What_waits_is_bounded()
    {
        Push(0);
        for (var i = 2; i < ReorderBuffer.MaxPackets; i++) Add(i);
        Assert.Equal(ReorderBuffer.MaxPackets - 2, _buffer.Count);
        Assert.False(_buffer.HasRoomFor(1 + ReorderBuffer.MaxPackets));
        Assert.True(_buffer.TryPeek(_now, force: true, out _, out var payload));
        Assert.Equal(2, BitConverter.ToInt32(payload));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_order_within_the_patience_comes_out_sorted(int seed)
    {
        var random = new Random(seed);
        var sent = Enumerable.Range(100, 5_000).Select(i => (Sequence: i, At: i + (random.Next(10) == 0 ? random.Next(900) : 0))).OrderBy(each => each.At).Select(each => each.Sequence);
        Push(99);
        Assert.Equal(string.Join(' ', Enumerable.Range(100, 5_000)), Push([.. sent]));
    }

    private void Add(int sequence) => BitConverter.TryWriteBytes(_buffer.Add(sequence, new PacketHead((uint)sequence, false, false, _now), 4, _now), sequence);

    private string Push(params int[] sequences)
    {
        var taken = new List<string>();
        foreach (var sequence in sequences)
        {
            if (_buffer.IsWanted(sequence)) Add(sequence);
            if (Take() is { Length: > 0 } some) taken.Add(some);
        }

        return string.Join(' ', taken);
    }

    private string Take()
    {
        var taken = new List<string>();
        while (_buffer.TryPeek(_now, force: false, out var head, out var payload))
        {
            Assert.Equal((int)head.Timestamp, BitConverter.ToInt32(payload));
            taken.Add($"{(_buffer.IsAfterLoss ? "!" : "")}{head.Timestamp}");
            _buffer.Remove();
        }

        return string.Join(' ', taken);
    }
}
