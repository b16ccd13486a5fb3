using System.Net;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.Media.Tests.Send;

public class DatagramBatchTests
{
    private static readonly TransportPath Anna = new(new TransportAddress(IPEndPoint.Parse("192.0.2.1:1000")), default);
    private static readonly TransportPath Ben = new(new TransportAddress(IPEndPoint.Parse("192.0.2.2:1000")), default);
    private static readonly TransportPath AnnaByTcp = new(Anna.Remote, default, 7);

    private static void Write(DatagramBatch batch, in TransportPath path, int length, byte fill = 0)
    {
        Assert.True(batch.TryReserve(length + 16, out var slot));
        Assert.Equal(length + 16, slot.Length);
        slot[..length].Fill(fill);
        batch.Commit(path, length);
    }

    [Fact]
    public void Commit_EqualLengthsOnOnePath_JoinOneRun()
    {
        var batch = new DatagramBatch();
        for (var i = 0; i < 9; i++) Write(batch, Anna, 1200, (byte)i);

        Assert.Equal(1, batch.Runs.Length);
        var run = batch.Runs[0];
        Assert.Equal((0, 9 * 1200, 1200, 9), (run.Offset, run.Length, run.SegmentLength, run.Segments));
        Assert.Equal(Anna, run.Path);
        for (var i = 0; i < 9; i++) Assert.Equal(1200, batch.Buffer.Slice(i * 1200, 1200).Count((byte)i));
        Assert.Equal(9, batch.DatagramCount);
    }

    [Fact]
    public void Commit_ShorterDatagram_JoinsAndClosesTheRun()
    {
        var batch = new DatagramBatch();
        Write(batch, Anna, 1200);
        Write(batch, Anna, 300);
        Write(batch, Anna, 300);

        Assert.Equal(2, batch.Runs.Length);
        Assert.Equal((1500, 1200, 2), (batch.Runs[0].Length, batch.Runs[0].SegmentLength, batch.Runs[0].Segments));
        Assert.Equal((1500, 300, 300, 1), (batch.Runs[1].Offset, batch.Runs[1].Length, batch.Runs[1].SegmentLength, batch.Runs[1].Segments));
    }

    [Fact]
    public void Commit_LongerDatagram_StartsARun()
    {
        var batch = new DatagramBatch();
        Write(batch, Anna, 300);
        Write(batch, Anna, 301);
        Assert.Equal(2, batch.Runs.Length);
    }

    [Fact]
    public void Commit_AnotherPath_StartsARun()
    {
        var batch = new DatagramBatch();
        Write(batch, Anna, 500);
        Write(batch, Ben, 500);
        Write(batch, AnnaByTcp, 500);
        Write(batch, Anna, 500);
        Assert.Equal(4, batch.Runs.Length);
        Assert.Equal(Ben, batch.Runs[1].Path);
        Assert.True(batch.HasTcp);
        Assert.True(batch.HasUdp);
    }

    [Fact]
    public void Commit_SegmentLimit_StartsARun()
    {
        var batch = new DatagramBatch(maxSegments: 4);
        for (var i = 0; i < 5; i++) Write(batch, Anna, 100);
        Assert.Equal(2, batch.Runs.Length);
        Assert.Equal(4, batch.Runs[0].Segments);
    }

    [Fact]
    public void Commit_RunByteLimit_StartsARun()
    {
        var batch = new DatagramBatch(maxRunBytes: 1000);
        for (var i = 0; i < 4; i++) Write(batch, Anna, 300);
        Assert.Equal(2, batch.Runs.Length);
        Assert.Equal(900, batch.Runs[0].Length);
    }

    [Fact]
    public void TryReserve_BufferFull_AsksForFlush()
    {
        var batch = new DatagramBatch(capacityBytes: 1000);
        Write(batch, Anna, 900);
        Assert.False(batch.TryReserve(101, out var slot));
        Assert.True(slot.IsEmpty);
        Assert.True(batch.TryReserve(100, out _));
        batch.Clear();
        Assert.True(batch.TryReserve(1000, out _));
    }

    [Fact]
    public void TryReserve_RunsFull_AsksForFlush()
    {
        var batch = new DatagramBatch(maxRuns: 2);
        Write(batch, Anna, 100);
        Write(batch, Ben, 100);
        Assert.False(batch.TryReserve(100, out _));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(60_001)]
    [InlineData(int.MaxValue)]
    public void TryReserve_ImpossibleLength_IsFalse(int length) => Assert.False(new DatagramBatch().TryReserve(length, out _));

    [Fact]
    public void Commit_WithoutOrBeyondReservation_Throws()
    {
        var batch = new DatagramBatch();
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Commit(Anna, 1));
        batch.TryReserve(10, out _);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Commit(Anna, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Commit(Anna, 0));
        batch.Commit(Anna, 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Commit(Anna, 1));
    }

    [Fact]
    public void TryReserve_WithoutCommit_LeavesNothing()
    {
        var batch = new DatagramBatch();
        batch.TryReserve(100, out var slot);
        slot.Fill(1);
        Assert.True(batch.IsEmpty);
        Write(batch, Anna, 10, 2);
        Assert.Equal(10, batch.Buffer.Count((byte)2));
        Assert.Equal(10, batch.Buffer.Length);
    }

    [Fact]
    public void Clear_ForgetsEverything()
    {
        var batch = new DatagramBatch();
        Write(batch, AnnaByTcp, 10);
        batch.Clear();
        Assert.True(batch.IsEmpty);
        Assert.False(batch.HasTcp);
        Assert.False(batch.HasUdp);
        Assert.Equal(0, batch.DatagramCount);
        Assert.Equal(0, batch.Buffer.Length);
    }

    [Fact]
    public void Runs_CutIntoSegments_GiveBackEveryDatagramInOrder()
    {
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 400]).Array[0, 200].Sample(datagrams =>
        {
            TransportPath[] paths = [Anna, Ben, AnnaByTcp];
            var batch = new DatagramBatch(maxSegments: 7, maxRunBytes: 1500);
            foreach (var (path, length) in datagrams) Write(batch, paths[path], length, (byte)length);

            var next = 0;
            foreach (var run in batch.Runs)
            {
                Assert.InRange(run.Segments, 1, 7);
                Assert.InRange(run.Length, 1, 1500);
                for (var at = 0; at < run.Length; at += run.SegmentLength)
                {
                    var segment = batch.Buffer.Slice(run.Offset + at, Math.Min(run.SegmentLength, run.Length - at));
                    var (path, length) = datagrams[next++];
                    Assert.Equal(length, segment.Length);
                    Assert.Equal(length, segment.Count((byte)length));
                    Assert.Equal(paths[path], run.Path);
                }
            }

            Assert.Equal(datagrams.Length, next);
            Assert.Equal(datagrams.Length, batch.DatagramCount);
        });
    }

    [Fact]
    public void FillAndClear_AllocatesNothing()
    {
        var batch = new DatagramBatch();
        Round(batch);
        var least = long.MaxValue;
        for (var pass = 0; pass < 10 && least != 0; pass++)
        {
            // The least of several: a collection caused by another test charges this thread's unused buffer to it.
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++) Round(batch);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        static void Round(DatagramBatch batch)
        {
            while (batch.TryReserve(1200, out _)) batch.Commit(Anna, 1200);
            batch.Clear();
        }
    }
}
