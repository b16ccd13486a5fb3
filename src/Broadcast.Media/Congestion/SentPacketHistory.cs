using System.Diagnostics;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Media.Congestion;

/// <summary>Remembers what was sent by transport-wide sequence number, until feedback tells what became of it
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01; libwebrtc <c>transport_feedback_adapter.cc</c>).</summary>
/// <remarks>
/// A ring of eight bytes per packet. It doubles while packets that are younger than <see cref="Window"/> and not reported on would be
/// overwritten. Owned by the viewer's worker.
/// </remarks>
public sealed class SentPacketHistory
{
    /// <summary>Packets at first: 0.8 s at 3 Mbit/s, in 2 KB.</summary>
    public const int StartCapacity = 256;

    /// <summary>Packets at most: 2 s at 40 Mbit/s, in 64 KB.</summary>
    public const int MaxCapacity = 8192;

    /// <summary>How long a packet is surely remembered, as long as the ring can grow.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    /// <summary>A pause after which nobody reports on what was sent before it. Keeps the entries' times unambiguous, too.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromSeconds(5);

    /// <summary>The receiver's clock may differ that much from what it has shown before; more than a drift of days.</summary>
    private const long PlausibleNanoseconds = 3_600_000_000_000;

    private const long NanosecondsPerReference = 64_000_000;

    private SentPacketEntry[] _ring = new SentPacketEntry[StartCapacity];
    private long _first;
    private long _next;
    private long _reportedEnd;
    private bool _any;
    private int _newestProbe;
    private long _reference;
    private int _lastReference;
    private bool _hasReference;

    /// <summary>Packets that are remembered at most, at the present size.</summary>
    public int Capacity => _ring.Length;

    /// <summary>Bytes of packets sent after the newest that was reported on.</summary>
    public long BytesInFlight { get; private set; }

    /// <summary>When the last packet was sent.</summary>
    public MonotonicTime LastSent { get; private set; }

    /// <summary>Statuses of packets that were never sent.</summary>
    public long NeverSent { get; private set; }

    /// <summary>Statuses of packets that are no longer remembered.</summary>
    public long TooOld { get; private set; }

    /// <summary>Statuses that told nothing new.</summary>
    public long Repeated { get; private set; }

    /// <summary>Feedback whose time cannot be on the clock of the feedback before it.</summary>
    public long Implausible { get; private set; }

    internal long First => _first;

    internal long Next => _next;

    /// <summary>Notes a packet that was given to the network.</summary>
    /// <param name="transportSequenceNumber">One more than that of the packet before it.</param>
    /// <param name="bytes">On the wire without IP and UDP headers; 4095 at most are counted.</param>
    /// <param name="probeCluster">Number of the probe it is part of; 0 for none.</param>
    /// <param name="now">Present time.</param>
    public void OnSent(ushort transportSequenceNumber, int bytes, int probeCluster, MonotonicTime now)
    {
        var number = _any ? _next + (short)(transportSequenceNumber - (ushort)_next) : transportSequenceNumber;
        Debug.Assert(!_any || number >= _next, "Transport-wide sequence numbers increase.");
        if (_any && number < _next) return;
        if (!_any || number - _next >= _ring.Length || now - LastSent > ForgottenAfter) BeginAt(number);
        _any = true;
        for (; _next < number; _next++)
        {
            MakeRoom(now);
            _ring[_next & (_ring.Length - 1)] = default;
        }

        MakeRoom(now);
        var entry = new SentPacketEntry(now, bytes, (ushort)probeCluster);
        _ring[_next++ & (_ring.Length - 1)] = entry;
        LastSent = now;
        BytesInFlight += entry.Bytes;
        if (probeCluster != 0) _newestProbe = probeCluster;
    }

    /// <summary>Begins to read a feedback packet; read it to its end.</summary>
    /// <param name="feedback">What the viewer sent.</param>
    /// <param name="now">When it arrived.</param>
    public SentPacketResults Read(in TransportFeedbackView feedback, MonotonicTime now)
    {
        var newest = _next - 1;
        var first = newest + (short)(feedback.BaseSequenceNumber - (ushort)newest);
        var end = first + feedback.PacketStatusCount;
        if (!_any) first = end = 0;
        NeverSent += _any ? Math.Max(0, end - Math.Max(first, _next)) : feedback.PacketStatusCount;
        TooOld += Math.Max(0, Math.Min(end, _first) - first);
        return new SentPacketResults(this, feedback, first, Math.Min(end, _next), Unwrap(feedback.ReferenceTime, now));
    }

    /// <summary>Forgets every packet: its fate tells nothing of the network that comes.</summary>
    public void Clear()
    {
        BeginAt(_next);
        _hasReference = false;
    }

    internal bool TryReport(long number, bool isReceived, long receivedAt, out PacketResult result)
    {
        result = default;
        ref var entry = ref _ring[number & (_ring.Length - 1)];
        for (; _reportedEnd <= number; _reportedEnd++) BytesInFlight -= _ring[_reportedEnd & (_ring.Length - 1)].Bytes;
        if (entry.State == SentPacketState.NotSent)
        {
            NeverSent++;
            return false;
        }

        // Late is not lost: what was reported lost may turn up afterwards, once.
        if (entry.State == SentPacketState.ReportedReceived || (entry.State == SentPacketState.ReportedLost && !isReceived))
        {
            Repeated++;
            return false;
        }

        entry = entry.With(isReceived ? SentPacketState.ReportedReceived : SentPacketState.ReportedLost);
        var probe = entry.Probe == 0 ? 0 : _newestProbe - (ushort)(_newestProbe - entry.Probe);
        result = new PacketResult(entry.SentAt(LastSent), entry.Bytes, probe, new MonotonicTime(receivedAt), isReceived);
        return true;
    }

    private void BeginAt(long number)
    {
        _first = _next = _reportedEnd = number;
        BytesInFlight = 0;
    }

    private void MakeRoom(MonotonicTime now)
    {
        if (_next - _first < _ring.Length) return;
        var oldest = _ring[_first & (_ring.Length - 1)];
        if (oldest.State == SentPacketState.Unreported && now - oldest.SentAt(now) < Window && _ring.Length < MaxCapacity)
        {
            Grow();
            return;
        }

        if (_reportedEnd == _first)
        {
            BytesInFlight -= oldest.Bytes;
            _reportedEnd++;
        }

        _first++;
    }

    private void Grow()
    {
        var larger = new SentPacketEntry[_ring.Length * 2];
        for (var number = _first; number < _next; number++) larger[number & (larger.Length - 1)] = _ring[number & (_ring.Length - 1)];
        _ring = larger;
    }

    /// <summary>Makes of 24 bits a time in nanoseconds that goes on from feedback to feedback, near this node's clock.</summary>
    private long Unwrap(int referenceTime, MonotonicTime now)
    {
        var next = _reference + (((referenceTime - _lastReference) << 8 >> 8) * NanosecondsPerReference);
        if (!_hasReference) next = now.Nanoseconds;
        else if (Math.Abs(next - now.Nanoseconds) > PlausibleNanoseconds)
        {
            Implausible++;
            next = now.Nanoseconds;
        }

        (_reference, _lastReference, _hasReference) = (next, referenceTime, true);
        return next - (referenceTime * NanosecondsPerReference);
    }
}
