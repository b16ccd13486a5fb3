using Broadcast.Media.Send;

namespace Broadcast.MediaNode.Udp;

/// <summary>Turns the runs of a batch into <c>sendmmsg</c> calls.</summary>
/// <remarks>
/// A run is one message with a segment length (UDP_SEGMENT) where that works for its path, else one message per
/// datagram. The kernel reports an error only when the first message of a call fails, so after a partial send the
/// call is repeated from the message that stopped it and then deals with that one alone. Owned by one worker.
/// </remarks>
internal sealed unsafe class BatchSender(SendCalls calls, bool ipv6, bool segmentation, DatagramCounters counters)
{
    private const int PatienceMilliseconds = 5;

    private readonly SendSlots _slots = new(ipv6);
    private readonly UnsegmentedPaths _unsegmented = new();
    private int _sent;
    private int _dropped;

    /// <summary>Sends all UDP runs; see <see cref="DatagramSocket.Send"/>.</summary>
    public SendResult Send(DatagramBatch batch)
    {
        _sent = 0;
        _dropped = 0;
        var cursor = default(Cursor);
        var patience = PatienceMilliseconds;

        // Safety: the batch's buffer is pinned for life; `fixed` only yields its address. Slots hold addresses into it
        // no longer than this method runs.
        fixed (byte* buffer = batch.Buffer)
        {
            while (Fill(batch, buffer, ref cursor) != 0)
            {
                if (!Flush(ref cursor, ref patience))
                {
                    DropRest(batch, cursor);
                    break;
                }
            }
        }

        return new SendResult(_sent, _dropped);
    }

    /// <summary>Where in a batch the next message begins: a run, and a datagram in it.</summary>
    internal struct Cursor
    {
        public int Run;
        public int Segment;
    }

    private int Fill(DatagramBatch batch, byte* buffer, ref Cursor cursor)
    {
        var runs = batch.Runs;
        _slots.Clear();
        while (!_slots.IsFull && cursor.Run < runs.Length)
        {
            ref readonly var run = ref runs[cursor.Run];
            if (run.Path.IsTcp)
            {
                cursor.Run++;
                continue;
            }

            var from = cursor;
            if (cursor.Segment == 0 && (run.Segments == 1 || (segmentation && !_unsegmented.Contains(run.Path.Remote))))
            {
                _slots.Add(buffer + run.Offset, run, run.Length, run.Segments, from);
                cursor.Run++;
                continue;
            }

            var at = cursor.Segment * run.SegmentLength;
            _slots.Add(buffer + run.Offset + at, run, Math.Min(run.SegmentLength, run.Length - at), 1, from);
            if (++cursor.Segment == run.Segments) cursor = new Cursor { Run = cursor.Run + 1 };
        }

        return _slots.Count;
    }

    /// <summary>Sends the filled slots; <paramref name="cursor"/> moves back when some have to be filled anew.</summary>
    /// <returns>False when the send buffer stays full.</returns>
    private bool Flush(ref Cursor cursor, ref int patience)
    {
        var next = 0;
        while (next < _slots.Count)
        {
            counters.SendCalls++;
            var taken = calls.Send(_slots.Headers + next, _slots.Count - next);
            if (taken > 0)
            {
                for (var end = next + taken; next < end; next++) CountSent(_slots[next]);
                continue;
            }

            var error = calls.Error;
            if (error == LibcConstants.EIntr) continue;
            ref readonly var slot = ref _slots[next];
            if (error == LibcConstants.EAgain)
            {
                if (patience > 0 && calls.WaitWritable(ref patience)) continue;
                cursor = slot.From;
                return false;
            }

            counters.LastError = error;
            if (slot.Segments > 1 && IsSegmentationError(error))
            {
                counters.SegmentationRefused++;
                _unsegmented.Add(slot.Remote);
                cursor = slot.From;
                return true;
            }

            CountDropped(error, slot.Segments);
            next++;
        }

        return true;
    }

    private void CountSent(in SendSlots.Slot slot)
    {
        _sent += slot.Segments;
        counters.SentDatagrams += slot.Segments;
        counters.SentBytes += slot.Length;
        if (slot.Segments > 1) counters.SegmentedRuns++;
    }

    private void CountDropped(int error, int datagrams)
    {
        _dropped += datagrams;
        switch (error)
        {
            case LibcConstants.ENoBufs or LibcConstants.ENoMem:
                counters.DroppedNoBuffers += datagrams;
                break;
            case LibcConstants.EConnRefused or LibcConstants.EHostUnreach or LibcConstants.ENetUnreach or LibcConstants.EHostDown or LibcConstants.ENetDown:
                counters.DroppedUnreachable += datagrams;
                break;
            default:
                counters.DroppedFailed += datagrams;
                break;
        }
    }

    private void DropRest(DatagramBatch batch, Cursor cursor)
    {
        var rest = 0;
        for (var i = cursor.Run; i < batch.Runs.Length; i++)
        {
            ref readonly var run = ref batch.Runs[i];
            if (!run.Path.IsTcp) rest += run.Segments - (i == cursor.Run ? cursor.Segment : 0);
        }

        _dropped += rest;
        counters.DroppedQueueFull += rest;
    }

    // EIO: the route's device cannot checksum segments; EINVAL, EMSGSIZE: a segment exceeds the path MTU, or an old kernel.
    private static bool IsSegmentationError(int error) =>
        error is LibcConstants.EIo or LibcConstants.EInval or LibcConstants.EMsgSize or LibcConstants.EOpNotSupp;
}
