using Broadcast.Media.Routing;
using Broadcast.Recording.Frames;
using Broadcast.Recording.Timeline;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tap;

/// <summary>Reads a published track from its log, and makes frames of it: copy, order, unwrap, assemble.</summary>
/// <remarks>
/// The packet path does not know of it: it reads behind, as one of any number of readers. Owned by one thread; time is an argument.
/// </remarks>
internal sealed class TrackTap
{
    /// <summary>What waits to be written; beyond it the oldest hole or the other track is not waited for.</summary>
    public const long MaxQueuedBytes = 32 * 1024 * 1024;

    private const int MaxExtensions = 160;

    /// <summary>A capture time more often than this tells nothing.</summary>
    private static readonly TimeSpan CaptureInterval = TimeSpan.FromMilliseconds(500);

    private readonly FrameAssembler _assembler;
    private readonly ReorderBuffer _packets = new();
    private readonly Queue<TappedFrame> _frames = new();
    private RtpTimeUnwrapper _time;
    private long _position;
    private long _droppedBefore;
    private GapReason? _missing;
    private MonotonicTime _captureAt;
    private (ulong Ntp, uint Timestamp)? _capture;
    private long _queuedBytes;

    /// <summary>Begins where a newcomer would: at the newest keyframe if it is still there, else with what comes; sound with all that is there.</summary>
    public TrackTap(SourceTrack source, MonotonicTime now)
    {
        Source = source;
        _assembler = FrameAssembler.Create(source.Codec, source.FormatParameters);
        _time = new RtpTimeUnwrapper(source.ClockRateHz);
        _position = source.Kind == MediaKind.Audio ? source.Log.Floor : StartOf(source, now);
    }

    /// <summary>What is read.</summary>
    public SourceTrack Source { get; }

    /// <summary>Frames that wait, in the order of decoding.</summary>
    public Queue<TappedFrame> Frames => _frames;

    /// <summary>True while a missing packet is waited for.</summary>
    public bool HasHole => _packets.HasHole;

    /// <summary>True when what comes next has the time of another clock; <see cref="Restart"/> goes on with it.</summary>
    public bool HasJumped { get; private set; }

    /// <summary>True when a keyframe is needed to go on.</summary>
    public bool NeedsKeyframe => _assembler.NeedsKeyframe;

    /// <summary>True while more is queued than may be.</summary>
    public bool IsFull => _queuedBytes > MaxQueuedBytes;

    /// <summary>Packets that were read and could carry media.</summary>
    public long Packets { get; private set; }

    /// <summary>Frames that became whole.</summary>
    public long WholeFrames { get; private set; }

    /// <summary>When the last packet of media was read.</summary>
    public MonotonicTime LastMedia { get; private set; }

    /// <summary>Packets that never came.</summary>
    public long LostPackets => _packets.Lost;

    /// <summary>Frames that came in part or could not be decoded.</summary>
    public long DroppedFrames => _assembler.DroppedFrames;

    /// <summary>Reads what is new.</summary>
    /// <param name="now">Present time.</param>
    public void Read(MonotonicTime now)
    {
        var log = Source.Log;
        var head = log.Head;
        while (_position < head && !HasJumped)
        {
            // What was overwritten before it was read shows as a hole, and nobody will fill it.
            _position = Math.Max(_position, log.Floor);
            if (!log.TryGet(_position, out var packet)) continue;
            if (_packets.IsWanted(packet.ExtendedSequenceNumber))
            {
                if (!_packets.HasRoomFor(packet.ExtendedSequenceNumber))
                {
                    Drain(now, force: true, onlyOne: true);
                    continue;
                }

                if (!TryCopy(log, packet, now)) continue;
            }

            _position++;
            Drain(now, force: false, onlyOne: false);
        }

        Drain(now, force: false, onlyOne: false);
    }

    /// <summary>Nothing more comes: holes are given up, and what is whole becomes a frame.</summary>
    public void Finish(MonotonicTime now)
    {
        Read(now);
        while (!HasJumped && _packets.Count > 0) Drain(now, force: true, onlyOne: true);
        FinishFrames(now);
    }

    /// <summary>What is whole becomes a frame, though no packet says that it ended: the clock jumped.</summary>
    public void FinishFrames(MonotonicTime now)
    {
        _assembler.Finish();
        TakeFrames(LastMedia, now);
    }

    /// <summary>Goes on with what has the time of another clock, at its next keyframe.</summary>
    public void Restart()
    {
        HasJumped = false;
        _time.Reset();
        _assembler.NoteLoss();
        _capture = null;
    }

    /// <summary>Takes the next frame from the queue.</summary>
    public TappedFrame Dequeue()
    {
        var frame = _frames.Dequeue();
        _queuedBytes -= frame.Length;
        return frame;
    }

    /// <summary>Forgets what waits.</summary>
    public void Clear()
    {
        while (_frames.Count > 0) Dequeue().Release();
    }

    /// <summary>Places a time of RTP that came otherwise, as in a report, near the newest packet.</summary>
    public bool TryPlace(uint timestamp, MonotonicTime at, out long unwrapped) => _time.TryPlace(timestamp, at, out unwrapped);

    /// <summary>The newest capture time that a packet carried, once.</summary>
    public bool TryTakeCapture(out ulong ntp, out long rtp)
    {
        (ntp, rtp) = (0, 0);
        if (_capture is not { } capture) return false;
        _capture = null;
        ntp = capture.Ntp;
        return _time.TryPlace(capture.Timestamp, LastMedia, out rtp);
    }

    private static long StartOf(SourceTrack source, MonotonicTime now)
    {
        var keyframe = source.KeyframePosition;
        var isThere = keyframe >= 0 && source.Log.TryGet(keyframe, out var packet) && now - packet.ReceivedAt < PacketLog.JoinWindow;
        return isThere ? keyframe : source.Log.Head;
    }

    private bool TryCopy(PacketLog log, in LoggedPacket packet, MonotonicTime now)
    {
        if (packet.ExtensionLength > 0 && now - _captureAt >= CaptureInterval) ReadCapture(log, packet, now);
        var head = new PacketHead(packet.Timestamp, packet.Marker, packet.LacksParameterSets, packet.ReceivedAt);

        // Copied out before it is added: a record that the writer overtakes must not have been promised.
        Span<byte> payload = stackalloc byte[PacketLog.MaxRecordLength];
        payload = payload[..packet.PayloadLength];
        if (!log.TryCopyPayload(_position, packet, payload)) return false;
        payload.CopyTo(_packets.Add(packet.ExtendedSequenceNumber, head, packet.PayloadLength, now));
        return true;
    }

    private void ReadCapture(PacketLog log, in LoggedPacket packet, MonotonicTime now)
    {
        Span<byte> stored = stackalloc byte[MaxExtensions];
        if (packet.ExtensionLength > stored.Length || !log.TryCopyExtensions(_position, packet, stored[..packet.ExtensionLength])) return;
        var reader = new ForwardableExtensionReader(stored[..packet.ExtensionLength]);
        while (reader.TryRead(out var kind, out var value))
        {
            if (kind != HeaderExtensionKind.AbsoluteCaptureTime || value.Length < sizeof(ulong)) continue;
            _capture = (System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(value), packet.Timestamp);
            _captureAt = now;
        }
    }

    private void Drain(MonotonicTime now, bool force, bool onlyOne)
    {
        while (!HasJumped && _packets.TryPeek(now, force, out var head, out var payload))
        {
            if (!payload.IsEmpty)
            {
                if (!_time.TryUnwrap(head.Timestamp, head.Arrival, out var timestamp))
                {
                    HasJumped = true;
                    return;
                }

                if (_packets.IsAfterLoss) NoteLoss();
                if (head.LacksParameterSets) PushParameterSets(timestamp);
                Push(payload, timestamp, head, now);
            }
            else
            {
                if (_packets.IsAfterLoss) NoteLoss();
                if (_time.TryPlace(head.Timestamp, head.Arrival, out var timestamp)) Push(default, timestamp, head, now);
            }

            _packets.Remove();
            if (onlyOne) return;
        }
    }

    private void NoteLoss()
    {
        _assembler.NoteLoss();
        _missing = GapReason.Lost;
    }

    /// <summary>The sets came before this reader did, or in the SDP.</summary>
    private void PushParameterSets(long timestamp)
    {
        if (Source.ParameterSets?.Sets.StapAPayload is { IsEmpty: false } sets) _assembler.Push(sets.Span, timestamp, marker: false);
    }

    private void Push(ReadOnlySpan<byte> payload, long timestamp, in PacketHead head, MonotonicTime now)
    {
        if (!payload.IsEmpty)
        {
            Packets++;
            LastMedia = head.Arrival;
        }

        _assembler.Push(payload, timestamp, head.Marker);
        TakeFrames(head.Arrival, now);
    }

    private void TakeFrames(MonotonicTime arrival, MonotonicTime now)
    {
        while (_assembler.TryTake(out var frame))
        {
            WholeFrames++;

            // Frames that nobody could decode are not missed before the first one.
            if (WholeFrames > 1 && _assembler.DroppedFrames > _droppedBefore) _missing ??= GapReason.Undecodable;
            _droppedBefore = _assembler.DroppedFrames;
            if (frame.Data.IsEmpty) continue;
            var tapped = new TappedFrame(frame, arrival, now, _missing);
            _missing = null;
            _frames.Enqueue(tapped);
            _queuedBytes += tapped.Length;
        }
    }
}
