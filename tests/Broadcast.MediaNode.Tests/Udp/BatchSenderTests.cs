using System.Net;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.MediaNode.Udp;
using Broadcast.Rtc;
using CsCheck;

namespace Broadcast.MediaNode.Tests.Udp;

/// <summary>The errors of <c>sendmmsg</c>, which loopback does not produce.</summary>
public class BatchSenderTests
{
    private static readonly TransportPath Anna = new(new TransportAddress(IPEndPoint.Parse("192.0.2.1:1000")), default);
    private static readonly TransportPath Ben = new(new TransportAddress(IPEndPoint.Parse("192.0.2.2:1000")), default);

    private static DatagramBatch Batch(params (TransportPath Path, int Datagrams)[] bursts)
    {
        var batch = new DatagramBatch();
        foreach (var (path, datagrams) in bursts)
        {
            for (var i = 0; i < datagrams; i++) UdpPair.Write(batch, path, 100, 0);
        }

        return batch;
    }

    private static (SendResult Result, DatagramCounters Counters) Send(ScriptedKernel kernel, DatagramBatch batch)
    {
        var counters = new DatagramCounters();
        return (new BatchSender(kernel, ipv6: true, segmentation: true, counters).Send(batch), counters);
    }

    [Fact]
    public void Send_PartOfTheCallTaken_GoesOnWithTheRest()
    {
        var kernel = new ScriptedKernel(1, 2);
        var (result, counters) = Send(kernel, Batch((Anna, 2), (Ben, 3), (Anna, 4), (Ben, 5)));
        Assert.Equal(new SendResult(14, 0), result);
        Assert.Equal(3, counters.SendCalls);
        Assert.Equal([200, 300, 400, 500], kernel.Taken);
    }

    [Fact]
    public void Send_BufferFullThenWritable_LosesNothing()
    {
        var kernel = new ScriptedKernel(1, -LibcConstants.EAgain) { Writable = true };
        var (result, _) = Send(kernel, Batch((Anna, 2), (Ben, 3)));
        Assert.Equal(new SendResult(5, 0), result);
        Assert.Equal(1, kernel.Waits);
    }

    [Fact]
    public void Send_BufferStaysFull_DropsTheRestAndCounts()
    {
        var kernel = new ScriptedKernel(1, -LibcConstants.EAgain);
        var (result, counters) = Send(kernel, Batch((Anna, 2), (Ben, 3), (Anna, 4)));
        Assert.Equal(new SendResult(2, 7), result);
        Assert.Equal(7, counters.DroppedQueueFull);
        Assert.Equal([200], kernel.Taken);
    }

    [Fact]
    public void Send_BufferFullAgainAndAgain_EndsWithinItsPatience()
    {
        var kernel = new ScriptedKernel(Enumerable.Repeat(-LibcConstants.EAgain, 1000).ToArray()) { Writable = true };
        var (result, _) = Send(kernel, Batch((Anna, 2)));
        Assert.Equal(new SendResult(0, 2), result);
        Assert.InRange(kernel.Waits, 1, 5);
    }

    [Theory]
    [InlineData(LibcConstants.ENoBufs)]
    [InlineData(LibcConstants.EConnRefused)]
    [InlineData(LibcConstants.EHostUnreach)]
    [InlineData(1)] // EPERM: a packet filter
    public void Send_ErrorOfOneMessage_SkipsItAlone(int error)
    {
        var kernel = new ScriptedKernel(1, -error);
        var (result, counters) = Send(kernel, Batch((Anna, 2), (Ben, 3), (Anna, 4)));
        Assert.Equal(new SendResult(6, 3), result);
        Assert.Equal(3, counters.DroppedNoBuffers + counters.DroppedUnreachable + counters.DroppedFailed);
        Assert.Equal(error == LibcConstants.ENoBufs ? 3 : 0, counters.DroppedNoBuffers);
        Assert.Equal(error is LibcConstants.EConnRefused or LibcConstants.EHostUnreach ? 3 : 0, counters.DroppedUnreachable);
        Assert.Equal(error, counters.LastError);
        Assert.Equal([200, 400], kernel.Taken);
    }

    [Fact]
    public void Send_Interrupted_Repeats()
    {
        var kernel = new ScriptedKernel(-LibcConstants.EIntr, -LibcConstants.EIntr);
        Assert.Equal(new SendResult(2, 0), Send(kernel, Batch((Anna, 2))).Result);
    }

    [Theory]
    [InlineData(LibcConstants.EIo)]
    [InlineData(LibcConstants.EInval)]
    [InlineData(LibcConstants.EMsgSize)]
    public void Send_SegmentationRefused_SplitsThatPathOnlyAndRemembers(int error)
    {
        var kernel = new ScriptedKernel(1, -error);
        var counters = new DatagramCounters();
        var sender = new BatchSender(kernel, ipv6: true, segmentation: true, counters);
        Assert.Equal(new SendResult(9, 0), sender.Send(Batch((Anna, 2), (Ben, 3), (Anna, 4))));
        Assert.Equal([200, 100, 100, 100, 400], kernel.Taken);
        Assert.Equal((1, 2), (counters.SegmentationRefused, counters.SegmentedRuns));

        kernel.Taken.Clear();
        sender.Send(Batch((Ben, 2), (Anna, 2)));
        Assert.Equal([100, 100, 200], kernel.Taken);
        Assert.Equal(1, counters.SegmentationRefused);
    }

    [Fact]
    public void Send_SingleDatagramInvalid_IsDroppedNotSplit()
    {
        var kernel = new ScriptedKernel(-LibcConstants.EInval);
        var (result, counters) = Send(kernel, Batch((Anna, 1), (Ben, 1)));
        Assert.Equal(new SendResult(1, 1), result);
        Assert.Equal((1, 0), (counters.DroppedFailed, counters.SegmentationRefused));
    }

    [Fact]
    public void Send_WhateverTheKernelAnswers_AccountsForEveryDatagram()
    {
        var answer = Gen.OneOf(Gen.Int[1, 80], Gen.Int[0, 7].Select(i => new[] { -4, -5, -11, -22, -90, -105, -111, -113 }[i]));
        Gen.Select(answer.Array[0, 40], Gen.Int[1, 9].Array[1, 200], Gen.Bool).Sample((script, bursts, writable) =>
        {
            var batch = Batch([.. bursts.Select((n, i) => (i % 2 == 0 ? Anna : Ben, n))]);
            var kernel = new ScriptedKernel(script) { Writable = writable };
            var (result, counters) = Send(kernel, batch);
            Assert.Equal(batch.DatagramCount, result.Sent + result.Dropped);
            Assert.Equal(result.Sent * 100, kernel.Taken.Sum());
            Assert.Equal(result.Sent, counters.SentDatagrams);
            Assert.Equal(result.Dropped, counters.DroppedQueueFull + counters.DroppedNoBuffers + counters.DroppedUnreachable + counters.DroppedFailed);
        });
    }

    /// <summary>Answers each call with the next number: messages taken, or minus an errno; after that takes all.</summary>
    private sealed unsafe class ScriptedKernel(params int[] script) : SendCalls(-1)
    {
        private int _next;
        private int _error;

        public List<int> Taken { get; } = [];

        public bool Writable { get; init; }

        public int Waits { get; private set; }

        public override int Error => _error;

        public override int Send(MessageHeader* headers, int count)
        {
            var answer = _next < script.Length ? script[_next++] : count;
            if (answer < 0)
            {
                _error = -answer;
                return -1;
            }

            var taken = Math.Min(answer, count);
            for (var i = 0; i < taken; i++) Taken.Add((int)headers[i].Vectors[0].Length);
            return taken;
        }

        public override bool WaitWritable(ref int milliseconds)
        {
            Waits++;
            milliseconds--;
            return Writable;
        }
    }
}
