using Broadcast.Media.Congestion;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Tests.Congestion;

/// <summary>From feedback to what became of each packet.</summary>
public class SentPacketHistoryTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromMilliseconds(123_456);

    private readonly SentPacketHistory _history = new();

    [Fact]
    public void Received_and_lost_packets_are_told_with_what_was_sent()
    {
        for (var i = 0; i < 4; i++) _history.OnSent((ushort)(65_534 + i), 1000 + i, i == 2 ? 70_000 : 0, At(i * 10));
        Assert.Equal(4006, _history.BytesInFlight);
        var results = Read(FeedbackPacket.Of((65_534, 5000), (0, 5021)), At(100));

        Assert.Equal([(1000, 0, true), (1001, 0, false), (1002, 70_000, true)], results.Select(result => (result.Bytes, result.ProbeCluster, result.IsReceived)));
        Assert.Equal([At(0), At(10), At(20)], results.Select(result => result.SentAt));
        Assert.Equal(21, (results[2].ReceivedAt - results[0].ReceivedAt).TotalMilliseconds);
        Assert.Equal(1003, _history.BytesInFlight);
    }

    [Fact]
    public void A_lost_packet_may_turn_up_once()
    {
        for (ushort i = 0; i < 3; i++) _history.OnSent(i, 100, 0, At(i));
        Assert.Equal(3, Read(FeedbackPacket.Of((0, 10), (2, 12)), At(20)).Count);
        Assert.Equal([true], Read(FeedbackPacket.Of((1, 30)), At(40)).Select(result => result.IsReceived));
        Assert.Empty(Read(FeedbackPacket.Of((0, 10), (1, 11), (2, 12)), At(50)));
        Assert.Equal(3, _history.Repeated);
    }

    [Fact]
    public void Feedback_for_everything_tells_of_what_was_sent_only()
    {
        Assert.Empty(Read(FeedbackPacket.AllLost(0, 65_535), At(0)));
        Assert.Equal(65_535, _history.NeverSent);

        for (var i = 0; i < 700; i++) _history.OnSent((ushort)i, 100, 0, At(i * 100));
        Assert.Equal(SentPacketHistory.StartCapacity, _history.Capacity);
        Assert.Equal(SentPacketHistory.StartCapacity, Read(FeedbackPacket.AllLost(0, 65_535), At(70_000)).Count);
        Assert.Equal(700 - SentPacketHistory.StartCapacity, _history.TooOld);
        Assert.Equal(65_535 + 65_535 - 700, _history.NeverSent);
        Assert.Equal(0, _history.BytesInFlight);
    }

    [Fact]
    public void Numbers_that_were_skipped_were_never_sent()
    {
        _history.OnSent(10, 100, 0, At(0));
        _history.OnSent(13, 100, 0, At(1));
        Assert.Equal(2, Read(FeedbackPacket.Of((10, 0), (11, 1), (13, 3)), At(10)).Count);
        Assert.Equal(2, _history.NeverSent);
    }

    [Fact]
    public void The_ring_grows_while_young_packets_would_be_overwritten()
    {
        for (var i = 0; i < 20_000; i++) _history.OnSent((ushort)i, 100, 0, At(i * 0.5));
        Assert.Equal(4096, _history.Capacity);
        Assert.Equal(4096 * 100, _history.BytesInFlight);
        Assert.Equal(4096, Read(FeedbackPacket.AllLost(0, 20_000), At(10_000)).Count);
        for (var i = 20_000; i < 60_000; i++) _history.OnSent((ushort)i, 100, 0, At(10_000 + (i * 0.01)));
        Assert.Equal(SentPacketHistory.MaxCapacity, _history.Capacity);
    }

    [Fact]
    public void The_receivers_clock_goes_on_when_its_24_bits_wrap()
    {
        for (ushort i = 0; i < 3; i++) _history.OnSent(i, 100, 0, At(i));
        var before = Read(FeedbackPacket.Raw(0, 1, 0x7F_FFFF, [0x2001], 4), At(100))[0];
        var after = Read(FeedbackPacket.Raw(1, 1, -0x80_0000, [0x2001], 8), At(164))[0];
        Assert.Equal(65, (after.ReceivedAt - before.ReceivedAt).TotalMilliseconds);
        Assert.Equal(0, _history.Implausible);

        Read(FeedbackPacket.Raw(2, 1, 0, [0x2001], 8), At(200));
        Assert.Equal(1, _history.Implausible);
    }

    [Fact]
    public void After_a_pause_nothing_is_told_of_what_was_before_it()
    {
        _history.OnSent(0, 100, 0, At(0));
        _history.OnSent(1, 100, 0, At(6000));
        Assert.Equal(100, _history.BytesInFlight);
        Assert.Single(Read(FeedbackPacket.AllLost(0, 2), At(6100)));
        Assert.Equal(1, _history.TooOld);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_tells_what_a_dictionary_would_tell(int seed)
    {
        var random = new Random(seed);
        var sent = new Dictionary<long, (MonotonicTime At, int Bytes, bool? Told)>();
        var now = 0.0;
        long next = random.Next(65_536);
        for (var turn = 0; turn < 2_000; turn++)
        {
            for (var i = random.Next(20); i > 0; i--)
            {
                now += random.NextDouble() * 40;
                sent[next] = (At(now), random.Next(50, 1300), null);
                _history.OnSent((ushort)next, sent[next].Bytes, 0, sent[next].At);
                next++;
            }

            var first = next - random.Next(1, 200);
            var arrivals = new List<(ushort, double)>();
            for (var number = first; number < next + random.Next(5); number++)
            {
                if (arrivals.Count == 0 || random.Next(4) > 0) arrivals.Add(((ushort)number, now + random.Next(100)));
            }

            var last = first;
            foreach (var (number, _) in arrivals) last = first + (ushort)(number - (ushort)first);
            var expected = new List<(int, bool)>();
            for (var number = first; number <= last; number++)
            {
                var received = arrivals.Exists(arrival => arrival.Item1 == (ushort)number);
                if (number < next - SentPacketHistory.StartCapacity || !sent.TryGetValue(number, out var packet) || packet.Told == true || packet.Told == received) continue;
                expected.Add((packet.Bytes, received));
                sent[number] = packet with { Told = received };
            }

            Assert.Equal(expected, Read(FeedbackPacket.Of([.. arrivals]), At(now)).Select(result => (result.Bytes, result.IsReceived)));
        }
    }

    private static MonotonicTime At(double milliseconds) => new((Start + TimeSpan.FromMilliseconds(milliseconds)).Nanoseconds / 4000 * 4000);

    private List<PacketResult> Read(byte[] packet, MonotonicTime now)
    {
        var results = _history.Read(FeedbackPacket.Parse(packet), now);
        var all = new List<PacketResult>();
        Span<PacketResult> some = stackalloc PacketResult[7];
        for (int count; (count = results.Fill(some)) > 0;) all.AddRange(some[..count]);
        return all;
    }
}
