using System.Runtime.CompilerServices;
using Broadcast.Rtc;

namespace Broadcast.Media.Send;

/// <summary>When the last few sender reports left, by their compact NTP time: the reports carry the publisher's clock, not this server's.</summary>
/// <remarks>Holds three seconds of two tracks: a receiver report may refer to an older sender report than the last.</remarks>
public struct ReportTimes
{
    private const int Capacity = 6;

    private Entries _entries;
    private int _next;

    /// <summary>Notes a report; the oldest is forgotten.</summary>
    public void Note(uint compactNtp, MonotonicTime sentAt)
    {
        _entries[_next] = (compactNtp, sentAt);
        _next = (_next + 1) % Capacity;
    }

    /// <summary>Finds when the report was sent that a receiver names as LSR (RFC 3550 §6.4.1).</summary>
    public readonly bool TryFind(uint lastSenderReport, out MonotonicTime sentAt)
    {
        for (var i = 0; i < Capacity && lastSenderReport != 0; i++)
        {
            sentAt = _entries[i].SentAt;
            if (_entries[i].CompactNtp == lastSenderReport) return true;
        }

        sentAt = default;
        return false;
    }

    [InlineArray(Capacity)]
    private struct Entries
    {
        private (uint CompactNtp, MonotonicTime SentAt) _first;
    }
}
