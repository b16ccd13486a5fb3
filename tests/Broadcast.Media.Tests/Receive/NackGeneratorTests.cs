using Broadcast.Media.Receive;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.Media.Tests.Receive;

/// <summary>Holes, and when they are asked for.</summary>
public class NackGeneratorTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromMilliseconds(5_000);

    private static MonotonicTime At(double milliseconds) => Start + TimeSpan.FromMilliseconds(milliseconds);

    private static ushort[] Collect(NackGenerator nacks, double milliseconds)
    {
        Span<ushort> sequences = stackalloc ushort[300];
        return sequences[..nacks.Collect(At(milliseconds), sequences)].ToArray();
    }

    [Fact]
    public void Sequence_without_holes_asks_for_nothing()
    {
        var nacks = new NackGenerator();
        for (var i = 0; i < 100; i++) Assert.Equal(SequenceArrival.InOrder, nacks.OnPacket(65_500 + i, At(i), isRepair: false));
        Assert.Empty(Collect(nacks, 200));
        Assert.Equal(0, nacks.Missing);
    }

    [Fact]
    public void Hole_is_asked_for_after_ten_milliseconds()
    {
        var nacks = new NackGenerator();
        nacks.OnPacket(10, At(0), false);
        nacks.OnPacket(12, At(0), false);
        Assert.Empty(Collect(nacks, 9));
        Assert.Equal([11], Collect(nacks, 10));
        Assert.Empty(Collect(nacks, 11));
    }

    [Fact]
    public void Hole_is_asked_for_at_once_after_three_later_packets()
    {
        var nacks = new NackGenerator();
        nacks.OnPacket(10, At(0), false);
        nacks.OnPacket(12, At(0), false);
        nacks.OnPacket(13, At(1), false);
        Assert.Empty(Collect(nacks, 1));
        nacks.OnPacket(14, At(2), false);
        Assert.Equal([11], Collect(nacks, 2));
    }

    [Fact]
    public void Reordered_packet_is_not_asked_for()
    {
        var nacks = new NackGenerator();
        nacks.OnPacket(10, At(0), false);
        nacks.OnPacket(12, At(0), false);
        Assert.Equal(SequenceArrival.FillsGap, nacks.OnPacket(11, At(5), false));
        Assert.Empty(Collect(nacks, 50));
        Assert.Equal(0, nacks.Repaired);
        Assert.Equal(SequenceArrival.Duplicate, nacks.OnPacket(11, At(6), false));
        Assert.Equal(SequenceArrival.Duplicate, nacks.OnPacket(9, At(6), false));
    }

    [Fact]
    public void Hole_is_asked_for_once_in_a_round_trip_and_ten_times_in_all()
    {
        var nacks = new NackGenerator();
        nacks.OnPacket(1, At(0), false);
        nacks.OnPacket(3, At(0), false);
        var asked = new List<int>();
        for (var i = 0; i < 3_000; i++)
        {
            if (Collect(nacks, i).Length > 0) asked.Add(i);
        }

        Assert.Equal(10, asked[0]);
        Assert.All(asked.Zip(asked.Skip(1)), pair => Assert.Equal(100, pair.Second - pair.First));
        Assert.Equal(10, asked.Count);
        Assert.Equal(0, nacks.Missing);
        Assert.Equal(1, nacks.GivenUp);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(400)]
    public void Round_trip_is_learned_whether_shorter_or_longer_than_the_first_guess(int roundTrip)
    {
        var nacks = new NackGenerator();
        var answers = new PriorityQueue<long, double>();
        var sequence = 0L;
        var requests = 0;
        var holes = 0;
        for (var time = 0; time < 60_000; time += 5)
        {
            while (answers.TryPeek(out var answer, out var at) && at <= time)
            {
                answers.Dequeue();
                nacks.OnPacket(answer, At(time), isRepair: true);
            }

            if (time % 100 == 0)
            {
                sequence += 2;
                holes++;
            }
            else
            {
                sequence++;
            }

            nacks.OnPacket(sequence, At(time), isRepair: false);
            foreach (var missing in Collect(nacks, time))
            {
                requests++;
                answers.Enqueue((sequence & ~0xFFFFL) | missing, time + roundTrip);
            }
        }

        Assert.InRange(nacks.RoundTrip.TotalMilliseconds, roundTrip * 0.95, roundTrip * 1.1);
        Assert.True(requests < holes * 1.1 + 20, $"{requests} requests for {holes} holes");
    }

    [Fact]
    public void Late_original_says_nothing_of_the_round_trip()
    {
        var nacks = new NackGenerator();
        for (var i = 0; i < 50; i++)
        {
            nacks.OnPacket((i * 10) + 1, At(i * 50), false);
            nacks.OnPacket((i * 10) + 10, At(i * 50), false);
            Collect(nacks, (i * 50) + 1);
            for (var missing = 2; missing < 10; missing++) nacks.OnPacket((i * 10) + missing, At((i * 50) + 3), isRepair: false);
        }

        Assert.Equal(TimeSpan.FromMilliseconds(100), nacks.RoundTrip);
    }

    [Fact]
    public void Gap_too_large_to_repair_says_so_once()
    {
        var nacks = new NackGenerator();
        nacks.OnPacket(1, At(0), false);
        Assert.Equal(SequenceArrival.InOrder, nacks.OnPacket(1 + NackGenerator.MaxMissing + 1, At(0), false));
        Assert.Equal(NackGenerator.MaxMissing, nacks.Missing);
        Assert.Equal(SequenceArrival.AfterUnrepairableGap, nacks.OnPacket(5_000, At(1), false));
        Assert.Equal(0, nacks.Missing);
        Assert.Equal(SequenceArrival.InOrder, nacks.OnPacket(5_001, At(1), false));
        Assert.Equal(4_997, nacks.GivenUp);
    }

    [Fact]
    public void More_holes_than_room_are_asked_for_by_and_by()
    {
        var nacks = new NackGenerator();
        nacks.OnPacket(0, At(0), false);
        nacks.OnPacket(601, At(0), false);
        var first = Collect(nacks, 11);
        var second = Collect(nacks, 12);
        var third = Collect(nacks, 13);
        Assert.Equal((300, 300, 0), (first.Length, second.Length, third.Length));
        Assert.Equal(Enumerable.Range(1, 600).Select(i => (ushort)i), first.Concat(second));
    }

    [Fact]
    public void Every_packet_is_either_received_once_asked_for_or_given_up() => Gen.Int[0, 99].Array[500].Sample(fates =>
    {
        var nacks = new NackGenerator();
        var received = new HashSet<long> { 0 };
        var asked = new HashSet<long>();
        nacks.OnPacket(0, At(0), false);
        for (var i = 0; i < fates.Length; i++)
        {
            var sequence = i + 1L;
            if (fates[i] < 10) continue;
            var late = fates[i] < 20 && i + 1 < fates.Length;
            if (late) continue;
            if (nacks.OnPacket(sequence, At(i), false) == SequenceArrival.Duplicate) return false;
            received.Add(sequence);
            if (i > 0 && fates[i - 1] is >= 10 and < 20)
            {
                if (nacks.OnPacket(sequence - 1, At(i), false) != SequenceArrival.FillsGap) return false;
                received.Add(sequence - 1);
            }

            foreach (var missing in Collect(nacks, i)) asked.Add(missing);
        }

        foreach (var missing in Collect(nacks, fates.Length + 20)) asked.Add(missing);
        var highest = received.Max();
        return Enumerable.Range(0, (int)highest).All(sequence => received.Contains(sequence) || asked.Contains(sequence));
    });
}
