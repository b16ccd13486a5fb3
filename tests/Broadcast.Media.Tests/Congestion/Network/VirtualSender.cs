using Broadcast.Media.Congestion;
using Broadcast.Rtc;
using Broadcast.Testing;

namespace Broadcast.Media.Tests.Congestion.Network;

/// <summary>Sends frames, paced, as a node sends to one viewer: the best layer that the target allows, and probes as asked.</summary>
/// <remarks>A probe takes what waits first and is filled up with padding. Media that waits longer than <see cref="MaxWait"/> is dropped.</remarks>
public sealed class VirtualSender
{
    /// <summary>The largest packet.</summary>
    public const int PacketBytes = 1200;

    private const int FramesPerSecond = 30;

    /// <summary>The room that a layer must leave below the target.</summary>
    private const double Headroom = 1.15;

    /// <summary>More than this and a frame is not sent at all.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly VirtualClock _clock;
    private readonly VirtualLink _link;
    private readonly VirtualReceiver _receiver;
    private readonly ISendControl _control;
    private readonly Queue<int> _media = new();
    private readonly Queue<ProbeCluster> _probes = new();
    private ushort _sequenceNumber;
    private MonotonicTime _nextSend;
    private bool _isScheduled;
    private MonotonicTime _nextProcess = MonotonicTime.Never;
    private int _probePackets;
    private int _probeBytes;
    private int _frame;

    /// <summary>Begins to send at once.</summary>
    public VirtualSender(VirtualClock clock, VirtualLink link, VirtualReceiver receiver, ISendControl control)
    {
        (_clock, _link, _receiver, _control) = (clock, link, receiver, control);
        receiver.FeedbackArrived = (in feedback, now) =>
        {
            control.OnTransportFeedback(feedback, now);
            Process();
        };
        clock.After(TimeSpan.Zero, () =>
        {
            Process();
            Frame();
        });
    }

    /// <summary>The rates there are, ascending; the lowest is sent whatever the target. Empty for media of any rate up to <see cref="MaxBitsPerSecond"/>.</summary>
    public long[] Layers { get; set; } = [];

    /// <summary>The best that an encoder of any rate would send.</summary>
    public long MaxBitsPerSecond { get; set; } = 8_000_000;

    /// <summary>Every so many frames one is <see cref="KeyframeFactor"/> times as large; 0 for never. The mean rate stays.</summary>
    public int KeyframeInterval { get; set; }

    /// <summary>How much larger a keyframe is than another frame.</summary>
    public double KeyframeFactor { get; set; } = 6;

    /// <summary>True while there is nothing to send.</summary>
    public bool IsPaused { get; set; }

    /// <summary>The rate of the media at present.</summary>
    public long MediaBitsPerSecond { get; private set; }

    /// <summary>Bytes sent, with padding.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Bytes sent for probes alone.</summary>
    public long PaddingBytes { get; private set; }

    /// <summary>Probes begun.</summary>
    public int Probes { get; private set; }

    /// <summary>Frames not sent because too much waited.</summary>
    public int DroppedFrames { get; private set; }

    /// <summary>Bytes of media that wait for the pacer.</summary>
    public int WaitingBytes { get; private set; }

    private void Frame()
    {
        _clock.After(TimeSpan.FromSeconds(1.0 / FramesPerSecond), Frame);
        MediaBitsPerSecond = IsPaused ? 0 : Choose(_control.BitsPerSecond);
        if (IsPaused) return;
        if (WaitingBytes * 8.0 / MediaBitsPerSecond > MaxWait.TotalSeconds)
        {
            DroppedFrames++;
            return;
        }

        for (var rest = FrameBytes(); rest > 0; rest -= PacketBytes)
        {
            var bytes = Math.Min(rest, PacketBytes);
            _media.Enqueue(bytes);
            WaitingBytes += bytes;
        }

        Schedule();
    }

    private long Choose(long target)
    {
        if (Layers.Length == 0) return Math.Min(target, MaxBitsPerSecond);
        var best = Layers[0];
        foreach (var rate in Layers)
        {
            if ((long)Math.Ceiling(rate * Headroom) <= target)
            {
                best = Math.Max(best, rate);
            }
            else if (rate > best)
            {
                _control.WantProbe((long)Math.Ceiling(rate * Headroom), _clock.Now);
                break;
            }
        }

        return best;
    }

    private int FrameBytes()
    {
        var mean = MediaBitsPerSecond / 8.0 / FramesPerSecond;
        if (KeyframeInterval == 0) return (int)mean;
        var other = mean * KeyframeInterval / (KeyframeInterval - 1 + KeyframeFactor);
        return (int)(_frame++ % KeyframeInterval == 0 ? KeyframeFactor * other : other);
    }

    private void Process()
    {
        var next = _control.Process(_clock.Now);
        while (_control.TryTakeProbe(_clock.Now, out var probe))
        {
            _probes.Enqueue(probe);
            Probes++;
        }

        if (_probes.Count > 0) Schedule();
        next = MonotonicTime.Max(next, _clock.Now + TimeSpan.FromMilliseconds(1));
        if (next == MonotonicTime.Never || (_nextProcess > _clock.Now && _nextProcess <= next)) return;
        _nextProcess = next;
        _clock.At(next, () =>
        {
            if (_nextProcess == next) Process();
        });
    }

    private void Schedule()
    {
        if (_isScheduled || (_media.Count == 0 && _probes.Count == 0)) return;
        _isScheduled = true;
        _clock.At(_nextSend, SendNext);
    }

    private void SendNext()
    {
        _isScheduled = false;
        if (_probes.TryPeek(out var probe))
        {
            Send(Math.Max(1, probe.BitsPerSecond), probe.Id);
            if (_probePackets >= probe.MinPackets && _probeBytes >= probe.MinBytes)
            {
                _probes.Dequeue();
                (_probePackets, _probeBytes) = (0, 0);
            }
        }
        else if (_media.Count > 0)
        {
            Send(Math.Max(1, _control.PacingBitsPerSecond), 0);
        }

        Schedule();
    }

    private void Send(long bitsPerSecond, int probe)
    {
        var now = _clock.Now;
        if (_media.TryDequeue(out var bytes))
        {
            WaitingBytes -= bytes;
        }
        else
        {
            bytes = PacketBytes;
            PaddingBytes += bytes;
        }

        var sequenceNumber = _sequenceNumber++;
        SentBytes += bytes;
        if (probe != 0)
        {
            _probePackets++;
            _probeBytes += bytes;
        }

        _nextSend = new MonotonicTime(now.Nanoseconds + (bytes * 8_000_000_000L / bitsPerSecond));
        _control.OnSent(sequenceNumber, bytes, probe, now);
        _link.Send(bytes, arrival => _receiver.Receive(sequenceNumber, bytes, now, arrival));
    }
}
