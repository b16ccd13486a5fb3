using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Congestion;

/// <summary>Reads one feedback packet against the history, in order of sending. Its work is bounded by the packet's bytes and by what
/// is remembered, however many packets it claims to report on.</summary>
public ref struct SentPacketResults
{
    private readonly SentPacketHistory _history;
    private readonly long _begin;
    private readonly long _end;
    private readonly ushort _baseSequenceNumber;
    private readonly long _clockOffset;
    private TransportFeedbackEnumerator _received;
    private long _cursor;
    private long _stop;
    private long _receivedAt;
    private bool _stopIsReceived;
    private bool _isRead;

    internal SentPacketResults(SentPacketHistory history, in TransportFeedbackView feedback, long begin, long end, long clockOffset)
    {
        _history = history;
        _begin = begin;
        _end = end;
        _baseSequenceNumber = feedback.BaseSequenceNumber;
        _clockOffset = clockOffset;
        _received = feedback.Received;
        _cursor = _stop = Math.Max(begin, history.First);
        _isRead = _cursor >= end;
    }

    /// <summary>Writes the next results.</summary>
    /// <returns>How many; fewer than there is room for only at the end.</returns>
    public int Fill(scoped Span<PacketResult> results)
    {
        var count = 0;
        while (count < results.Length)
        {
            if (_cursor < _stop)
            {
                if (_history.TryReport(_cursor++, isReceived: false, 0, out results[count])) count++;
            }
            else if (_stopIsReceived)
            {
                _stopIsReceived = false;
                if (_history.TryReport(_cursor++, isReceived: true, _receivedAt, out results[count])) count++;
            }
            else if (_isRead)
            {
                break;
            }
            else
            {
                FindNextReceived();
            }
        }

        return count;
    }

    /// <summary>All before the next received packet did not arrive.</summary>
    private void FindNextReceived()
    {
        while (_received.MoveNext())
        {
            var status = _received.Current;
            var number = _begin + (ushort)(status.SequenceNumber - _baseSequenceNumber);
            if (number < _cursor) continue;
            if (number >= _end) break;
            (_stop, _stopIsReceived, _receivedAt) = (number, true, _clockOffset + status.ArrivalNanoseconds);
            return;
        }

        (_stop, _isRead) = (_end, true);
    }
}
