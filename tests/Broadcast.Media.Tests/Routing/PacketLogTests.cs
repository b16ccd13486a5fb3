using Broadcast.Media.Routing;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.Media.Tests.Routing;

/// <summary>The ring that is feed, retransmission store and join cache in one.</summary>
public class PacketLogTests
{
    private static readonly MonotonicTime Start = MonotonicTime.FromMilliseconds(5_000);

    [Fact]
    public void Append_ThenRead_GivesBackEverything()
    {
        var log = new PacketLog(16 * 1024, 16 * 1024);
        var position = log.Append(70_000, 123, PacketFlags.Marker | PacketFlags.StartsKeyframe, Start, [1, 2, 3], [4, 5, 6, 7]);

        Assert.Equal(0, position);
        Assert.Equal((1, 0), (log.Head, log.Floor));
        Assert.True(log.TryGet(position, out var packet));
        Assert.Equal((70_000, 123u, Start), (packet.ExtendedSequenceNumber, packet.Timestamp, packet.ReceivedAt));
        Assert.True(packet is { Marker: true, StartsKeyframe: true, PaddingOnly: false });
        var payload = new byte[4];
        var extensions = new byte[3];
        Assert.True(log.TryCopyPayload(position, packet, payload));
        Assert.True(log.TryCopyExtensions(position, packet, extensions));
        Assert.Equal([4, 5, 6, 7], payload);
        Assert.Equal([1, 2, 3], extensions);
    }

    [Fact]
    public void Append_LongerThanARecord_IsRefused()
    {
        var log = new PacketLog(16 * 1024, 16 * 1024);
        Assert.Equal(-1, log.Append(1, 0, PacketFlags.None, Start, new byte[1], new byte[PacketLog.MaxRecordLength]));
        Assert.Equal(0, log.Append(1, 0, PacketFlags.None, Start, new byte[1], new byte[PacketLog.MaxRecordLength - 1]));
    }

    [Fact]
    public void TryGet_OutsideOfTheLog_IsFalse()
    {
        var log = new PacketLog(16 * 1024, 16 * 1024);
        Assert.False(log.TryGet(0, out _));
        log.Append(1, 0, PacketFlags.None, Start, default, [1]);
        Assert.False(log.TryGet(-1, out _));
        Assert.False(log.TryGet(1, out _));
        Assert.False(log.TryGet(long.MaxValue, out _));
    }

    [Fact]
    public void Append_WhenFull_OverwritesTheOldestAndRaisesTheFloorFirst()
    {
        var log = new PacketLog(16 * 1024, 16 * 1024);
        for (var i = 0; i < 1_000; i++) log.Append(i, (uint)i, PacketFlags.None, Start, default, Content(i, 700));

        Assert.Equal(1_000, log.Head);
        Assert.InRange(log.Head - log.Floor, 20, 23);
        for (var position = 0L; position < 1_000; position++) Assert.Equal(position >= log.Floor, Holds(log, position));
    }

    [Fact]
    public void Append_OfSmallPackets_IsBoundedByTheEntries()
    {
        var log = new PacketLog(16 * 1024, 16 * 1024);
        for (var i = 0; i < 5_000; i++) log.Append(i, (uint)i, PacketFlags.None, Start, default, Content(i, 10));
        Assert.InRange(log.Head - log.Floor, 250, 256);
        for (var position = log.Floor; position < log.Head; position++) Assert.True(Holds(log, position));
    }

    [Fact]
    public void Append_WhileTheWindowDoesNotFit_GrowsToItsLimitAndKeepsAll()
    {
        var log = new PacketLog(16 * 1024, 256 * 1024);
        var now = Start;
        for (var i = 0; i < 2_000; i++, now += TimeSpan.FromMilliseconds(1)) log.Append(i, (uint)i, PacketFlags.None, now, default, Content(i, 100));
        Assert.Equal(256 * 1024, log.CapacityBytes);
        Assert.True(log.Head - log.Floor >= 500, $"{log.Head - log.Floor} packets");
        for (var position = log.Floor; position < log.Head; position++) Assert.True(Holds(log, position));
    }

    [Fact]
    public void Append_OnceTheWindowFits_DoesNotGrow()
    {
        var log = new PacketLog(16 * 1024, 1024 * 1024);
        var now = Start;

        // 700 bytes every 200 ms: 2 s are ten packets.
        for (var i = 0; i < 2_000; i++, now += TimeSpan.FromMilliseconds(200)) log.Append(i, (uint)i, PacketFlags.None, now, default, Content(i, 700));
        Assert.Equal(16 * 1024, log.CapacityBytes);
    }

    [Fact]
    public void TryFind_AfterLossAndReordering_FindsWhatArrivedAndNothingElse()
    {
        var log = new PacketLog(64 * 1024, 64 * 1024);
        long[] order = [65_534, 65_535, 65_537, 65_536, 65_540, 65_539];
        foreach (var sequence in order) log.Append(sequence, (uint)sequence, PacketFlags.None, Start, default, Content(sequence, 50));

        for (var i = 0; i < order.Length; i++)
        {
            Assert.True(log.TryFind(order[i], out var position, out var packet));
            Assert.Equal((i, order[i]), (position, packet.ExtendedSequenceNumber));
        }

        Assert.False(log.TryFind(65_538, out _, out _));
        Assert.False(log.TryFind(65_541, out _, out _));
        Assert.False(log.TryFind(2, out _, out _));
        Assert.False(log.TryFind(-3, out _, out _));
    }

    [Fact]
    public void Every_sequence_of_sizes_keeps_what_is_above_the_floor() => Gen.Int[0, 1_400].Array[1, 600].Sample(sizes =>
    {
        var log = new PacketLog(16 * 1024, 64 * 1024);
        var now = Start;
        for (var i = 0; i < sizes.Length; i++, now += TimeSpan.FromMilliseconds(3)) log.Append(i, (uint)i, PacketFlags.None, now, default, Content(i, sizes[i]));
        for (var position = 0L; position < sizes.Length; position++)
        {
            if (Holds(log, position) != (position >= log.Floor)) return false;
            if (position >= log.Floor && (!log.TryFind(position, out var found, out _) || found != position)) return false;
        }

        return log.Head - log.Floor >= Math.Min(10, sizes.Length);
    });

    /// <summary>A reader that is overtaken must notice: whatever it was told is whole is compared byte by byte.</summary>
    [Theory]
    [InlineData(16 * 1024, 16 * 1024)]
    [InlineData(16 * 1024, 1024 * 1024)]
    public void Readers_on_other_threads_never_see_a_torn_packet(int initialBytes, int maxBytes)
    {
        const int Packets = 400_000;
        var log = new PacketLog(initialBytes, maxBytes);
        var read = 0L;
        var torn = 0L;
        var readers = Enumerable.Range(0, 2).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            var buffer = new byte[PacketLog.MaxRecordLength];
            while (log.Head < Packets)
            {
                var floor = log.Floor;
                var head = log.Head;
                var position = random.Next(3) == 0 ? floor + random.Next(3) : floor + random.Next((int)Math.Max(1, head - floor));
                if (!log.TryGet(position, out var packet)) continue;
                if (!log.TryCopyPayload(position, packet, buffer)) continue;
                Interlocked.Increment(ref read);
                var whole = packet.ExtendedSequenceNumber == position * 3
                    && packet.PayloadLength == LengthOf(packet.ExtendedSequenceNumber)
                    && buffer.AsSpan(0, packet.PayloadLength).SequenceEqual(Content(packet.ExtendedSequenceNumber, packet.PayloadLength));
                if (!whole) Interlocked.Increment(ref torn);
            }
        })).ToArray();
        foreach (var reader in readers) reader.Start();
        var now = Start;
        for (var i = 0; i < Packets; i++)
        {
            // The clock stands at first, so that the log grows to its limit under the readers.
            if (i > Packets / 2) now += TimeSpan.FromMilliseconds(1);
            log.Append(i * 3L, (uint)i, PacketFlags.None, now, default, Content(i * 3L, LengthOf(i * 3L)));
        }

        foreach (var reader in readers) reader.Join();
        Assert.True(read > 0);
        Assert.Equal(0, torn);
        Assert.Equal(maxBytes, log.CapacityBytes);
    }

    private static int LengthOf(long sequence) => (int)(sequence * 7 % 300);

    private static byte[] Content(long sequence, int length)
    {
        var content = new byte[length];
        for (var i = 0; i < length; i++) content[i] = (byte)((sequence * 31) + (i * 7));
        return content;
    }

    private static bool Holds(PacketLog log, long position)
    {
        if (!log.TryGet(position, out var packet)) return false;
        var payload = new byte[packet.PayloadLength];
        if (!log.TryCopyPayload(position, packet, payload)) return false;
        Assert.Equal((uint)position, packet.Timestamp);
        Assert.Equal(Content(packet.ExtendedSequenceNumber, payload.Length), payload);
        return true;
    }
}
