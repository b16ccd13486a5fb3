using Broadcast.Rtc.Rtcp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Rtcp;

public class TransportFeedbackBuilderTests
{
    [Fact]
    public void Three_packets_with_a_loss_give_the_bytes_of_the_draft()
    {
        var builder = new TransportFeedbackBuilder();
        builder.Add(100, MonotonicTime.FromMilliseconds(65));
        builder.Add(101, MonotonicTime.FromMilliseconds(66));
        builder.Add(103, MonotonicTime.FromMilliseconds(166));
        Span<byte> buffer = stackalloc byte[TransportFeedbackBuilder.MaximumLength];
        var length = builder.Build(buffer, 1, 2, MonotonicTime.FromMilliseconds(170));

        // Two small, one lost, one large delta: a 2-bit vector; 4 ticks, 4 ticks, 400 ticks.
        Assert.Equal(Hex.Bytes("8FCD0006 00000001 00000002 0064 0004 000001 00 D480 04 04 0190 0000"), buffer[..length].ToArray());
        Assert.False(builder.HasPending);
        Assert.Equal(0, builder.Build(buffer, 1, 2, MonotonicTime.Zero));
        Assert.Equal(MonotonicTime.FromMilliseconds(170), builder.LastBuilt);
    }

    [Fact]
    public void A_late_packet_lowers_the_base_of_the_next_report_and_repetitions_do_not_count()
    {
        var builder = new TransportFeedbackBuilder();
        builder.Add(10, MonotonicTime.FromMilliseconds(10));
        builder.Add(12, MonotonicTime.FromMilliseconds(20));
        Assert.Equal([(10, 10_000), (12, 20_000)], BuildAll(builder));
        builder.Add(12, MonotonicTime.FromMilliseconds(90));
        Assert.False(builder.HasPending);
        builder.Add(11, MonotonicTime.FromMilliseconds(100));
        Assert.Equal([(11, 100_000), (12, 20_000)], BuildAll(builder));
    }

    [Fact]
    public void A_packet_from_before_the_first_one_is_reported_too()
    {
        var builder = new TransportFeedbackBuilder();
        builder.Add(0, MonotonicTime.FromMilliseconds(10));
        builder.Add(65_534, MonotonicTime.FromMilliseconds(11));
        Assert.Equal([(65_534, 11_000), (0, 10_000)], BuildAll(builder));
    }

    [Fact]
    public void A_packet_half_a_second_behind_its_successor_is_not_reported()
    {
        var builder = new TransportFeedbackBuilder();
        builder.Add(10, MonotonicTime.FromMilliseconds(0));
        builder.Add(12, MonotonicTime.FromMilliseconds(10));
        BuildAll(builder);
        builder.Add(11, MonotonicTime.FromMilliseconds(511));
        Assert.False(builder.HasPending);
    }

    [Fact]
    public void A_pause_longer_than_a_delta_can_say_starts_a_second_packet()
    {
        var builder = new TransportFeedbackBuilder();
        builder.Add(1, MonotonicTime.FromMilliseconds(1));
        builder.Add(3, MonotonicTime.FromMilliseconds(9_001));
        Assert.Equal([(1, 1_000), (3, 9_001_000)], BuildAll(builder, out var packets));
        Assert.Equal(2, packets);
    }

    [Fact]
    public void A_gap_larger_than_the_ring_is_forgotten_and_the_newest_reported()
    {
        var builder = new TransportFeedbackBuilder(256);
        builder.Add(1, MonotonicTime.FromMilliseconds(1));
        builder.Add(30_000, MonotonicTime.FromMilliseconds(2));
        builder.Add(62_000, MonotonicTime.FromMilliseconds(3));
        Assert.Equal([(62_000, 3_000)], BuildAll(builder));
        builder.Add(61_744, MonotonicTime.FromMilliseconds(4));
        Assert.False(builder.HasPending);
    }

    [Fact]
    public void Packets_stay_within_the_size_and_split_a_long_interval()
    {
        var builder = new TransportFeedbackBuilder();
        for (var i = 0; i < 2000; i++) builder.Add((ushort)i, MonotonicTime.FromMilliseconds((i % 2 * 100) + i));
        var statuses = BuildAll(builder, out var packets);
        Assert.Equal(2000, statuses.Count);
        Assert.InRange(packets, 4, 6);
    }

    [Fact]
    public void Feedback_counter_counts_packets()
    {
        var builder = new TransportFeedbackBuilder();
        Span<byte> buffer = stackalloc byte[64];
        for (var i = 0; i < 300; i++)
        {
            builder.Add((ushort)i, MonotonicTime.FromMilliseconds(i));
            var length = builder.Build(buffer, 1, 2, MonotonicTime.Zero);
            Assert.Equal((byte)i, Parse(buffer[..length]).FeedbackPacketCount);
        }
    }

    [Fact]
    public void Reference_time_wraps_without_a_jump()
    {
        // 2^23 × 64 ms: where the signed 24 bits turn negative.
        var wrap = (1L << 23) * 64_000_000;
        var builder = new TransportFeedbackBuilder();
        Span<byte> buffer = stackalloc byte[64];
        builder.Add(1, new MonotonicTime(wrap - 1_000_000));
        Assert.Equal(0x7FFFFF, Parse(buffer[..builder.Build(buffer, 1, 2, MonotonicTime.Zero)]).ReferenceTime);
        builder.Add(2, new MonotonicTime(wrap + 1_000_000));
        Assert.Equal(-0x800000, Parse(buffer[..builder.Build(buffer, 1, 2, MonotonicTime.Zero)]).ReferenceTime);
    }

    [Fact]
    public void Adding_and_building_allocates_nothing()
    {
        var builder = new TransportFeedbackBuilder();
        Span<byte> buffer = stackalloc byte[TransportFeedbackBuilder.MaximumLength];
        long before = 0;
        for (var i = 0; i < 20_000; i++)
        {
            if (i == 10_000) before = GC.GetAllocatedBytesForCurrentThread();
            builder.Add((ushort)(i * 7), MonotonicTime.FromMilliseconds(i));
            if (i % 100 == 99) builder.Build(buffer, 1, 2, MonotonicTime.Zero);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Whatever is lost, reordered or repeated: what arrived is reported once at its first arrival, what did not never is.</summary>
    [Fact]
    public void Reports_tell_the_truth_under_loss_reordering_and_wraps() =>
        Gen.Select(Gen.UShort, Gen.Select(Gen.Int[0, 9], Gen.Int[0, 60_000], Gen.Int[-6, 0], Gen.Bool).Array[1, 400], Gen.Int[64, 1500])
            .Sample((start, steps, room) =>
            {
                var builder = new TransportFeedbackBuilder(4096);
                var truth = new Dictionary<ushort, long>();
                var reported = new Dictionary<ushort, long>();
                var buffer = new byte[room];
                long newest = start;
                long now = 1_000_000;
                foreach (var (kind, wait, back, report) in steps)
                {
                    now += wait;

                    // Mostly the next packet; sometimes a loss, a burst of losses, or an earlier number again or late.
                    newest += kind switch { < 6 => 1, 6 => 2, 7 => 40, _ => 0 };
                    var number = (ushort)(kind >= 8 ? newest + back : newest);
                    builder.Add(number, new MonotonicTime(now * 1000));
                    truth.TryAdd(number, now);
                    if (report) Drain(builder, buffer, reported);
                }

                Drain(builder, buffer, reported);
                Assert.False(builder.HasPending);
                foreach (var (number, arrival) in reported)
                {
                    Assert.True(truth.TryGetValue(number, out var expected));
                    Assert.InRange(expected - arrival, 0, 249);
                }

                // Numbers that came in late are left out only when their successor is half a second older.
                Assert.True(reported.Count == truth.Count || truth.Keys.Except(reported.Keys).All(number =>
                {
                    var later = Enumerable.Range(1, 4096).Select(step => (ushort)(number + step)).First(truth.ContainsKey);
                    return truth[number] - truth[later] > 499_000;
                }));
            }, iter: 300);

    private static void Drain(TransportFeedbackBuilder builder, byte[] buffer, Dictionary<ushort, long> reported)
    {
        int length;
        while ((length = builder.Build(buffer, 1, 2, MonotonicTime.Zero)) > 0)
        {
            Assert.InRange(length, 20, Math.Min(buffer.Length, TransportFeedbackBuilder.MaximumLength));
            foreach (var status in Parse(buffer.AsSpan(0, length)))
            {
                if (!status.Received) continue;
                var microseconds = status.ArrivalNanoseconds / 1000;
                if (!reported.TryAdd(status.SequenceNumber, microseconds)) Assert.Equal(reported[status.SequenceNumber], microseconds);
            }
        }
    }

    private static List<(int SequenceNumber, int Microseconds)> BuildAll(TransportFeedbackBuilder builder) => BuildAll(builder, out _);

    private static List<(int SequenceNumber, int Microseconds)> BuildAll(TransportFeedbackBuilder builder, out int packets)
    {
        var statuses = new List<(int, int)>();
        var buffer = new byte[1500];
        packets = 0;
        int length;
        while ((length = builder.Build(buffer, 1, 2, MonotonicTime.Zero)) > 0)
        {
            packets++;
            Assert.InRange(length, 20, TransportFeedbackBuilder.MaximumLength);
            foreach (var status in Parse(buffer.AsSpan(0, length)))
            {
                if (status.Received) statuses.Add((status.SequenceNumber, (int)(status.ArrivalNanoseconds / 1000)));
            }
        }

        return statuses;
    }

    private static TransportFeedbackView Parse(ReadOnlySpan<byte> datagram)
    {
        var reader = new RtcpReader(datagram);
        Assert.True(reader.TryRead(out var packet, out _));
        Assert.Equal(DropReason.None, TransportFeedbackView.TryParse(packet, out var view));
        return view;
    }
}
