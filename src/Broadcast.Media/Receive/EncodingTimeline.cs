using Broadcast.Rtc;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Media.Receive;

/// <summary>Makes the timestamps of simulcast encodings comparable: each has an origin of its own, unless the publisher is OBS.</summary>
/// <remarks>
/// By the publisher's sender reports; until those are there by arrival, which is good to some ten milliseconds. An encoding
/// whose time by arrival agrees with another's as it is shares its origin, and then needs no report: those of OBS are not
/// reliable. Nothing is ever set back for viewers who are watching: an alignment is used when one goes over to the encoding.
/// </remarks>
internal sealed class EncodingTimeline(ReceiveTrack[] encodings)
{
    private const ulong NtpHalf = 1UL << 63;

    private readonly bool[] _started = new bool[encodings.Length];
    private readonly bool[] _shares = new bool[encodings.Length];
    private (ulong Ntp, uint Time)? _anchor;

    /// <summary>Notes an encoding's first packet.</summary>
    public void OnFirstPacket(ReceiveTrack encoding, uint timestamp, MonotonicTime arrival)
    {
        if (encodings.Length < 2) return;
        var clock = (uint)encoding.Source.ClockRateHz;
        var index = Array.IndexOf(encodings, encoding);
        var alignment = RtpTimestamp.FromNanoseconds(arrival.Nanoseconds, clock) - timestamp;
        for (var i = 0; i < encodings.Length; i++)
        {
            if (!_started[i] || i == index || Math.Abs((int)(encodings[i].Source.Alignment - alignment)) > clock / 2) continue;
            alignment = encodings[i].Source.Alignment;
            _shares[i] = _shares[index] = true;
        }

        _started[index] = true;
        encoding.Source.Alignment = alignment;
    }

    /// <summary>Notes a sender report that the encoding's clock has taken.</summary>
    public void OnSenderReport(ReceiveTrack encoding)
    {
        var index = Array.IndexOf(encodings, encoding);
        if (encodings.Length < 2 || !_started[index] || _shares[index] || !encoding.Source.Clock.TryRead(out var pair)) return;
        if (_anchor is not { } anchor)
        {
            // The time line goes on as it is; the others are put onto it.
            _anchor = (pair.NtpTimestamp, pair.RtpTimestamp + encoding.Source.Alignment);
            return;
        }

        var since = pair.NtpTimestamp - anchor.Ntp;
        var ticks = since < NtpHalf ? ToTicks(since, encoding.Source.ClockRateHz) : 0 - ToTicks(0 - since, encoding.Source.ClockRateHz);
        encoding.Source.Alignment = anchor.Time + ticks - pair.RtpTimestamp;
    }

    private static uint ToTicks(ulong ntp, int clockRateHz) => (uint)(ulong)(((UInt128)ntp * (uint)clockRateHz) >> 32);
}
