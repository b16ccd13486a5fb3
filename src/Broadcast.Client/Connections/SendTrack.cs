using System.Buffers.Binary;
using System.Security.Cryptography;
using Broadcast.Client.Media;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtcp;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Client.Connections;

/// <summary>Sends one clip in a loop as one RTP stream and, on request, parts of it again. Belongs to one publisher.</summary>
internal sealed class SendTrack
{
    private const int HistoryLength = 1024; // 4 s of 260 packets/s
    private const int MaxPacket = 1_400;
    private static readonly TimeSpan LargestLag = TimeSpan.FromSeconds(1);

    private readonly TrackParameters _media;
    private readonly byte[] _mid;
    private readonly byte[] _rid;
    private readonly bool _twoByteExtensions;
    private readonly uint _firstTimestamp = RandomUInt32();
    private readonly Sent[] _history = new Sent[HistoryLength];

    // Below 2^15, so that a receiver that misses the first packets does not guess the rollover counter wrong.
    private long _sequence = RandomNumberGenerator.GetInt32(1, 1 << 15);
    private long _rtxSequence = RandomNumberGenerator.GetInt32(1, 1 << 15);
    private uint _octets;
    private uint _packets;
    private uint _baseFrames;

    /// <summary>Creates the stream; a RID makes it one of several encodings.</summary>
    public SendTrack(MediaClip clip, TrackParameters media, uint ssrc, uint rtxSsrc, string rid = "")
    {
        Clip = clip;
        _media = media;
        Ssrc = ssrc;
        RtxSsrc = rtxSsrc;
        _mid = System.Text.Encoding.ASCII.GetBytes(media.Mid);
        _rid = System.Text.Encoding.ASCII.GetBytes(rid);
        _twoByteExtensions = HeaderExtensionWriter.NeedsTwoByteForm(media.Extensions);
    }

    private record struct Sent(long Sequence, int Packet, uint Timestamp, uint Frame, uint BaseFrame, ushort TransportSequence, bool Marker);

    /// <summary>What is played.</summary>
    public MediaClip Clip { get; }

    /// <summary>The media stream.</summary>
    public uint Ssrc { get; }

    /// <summary>The retransmission stream.</summary>
    public uint RtxSsrc { get; }

    /// <summary>Frames sent so far, over all rounds.</summary>
    public uint FrameNumber { get; private set; }

    /// <summary>Which frame of the clip comes next.</summary>
    public int NextFrame { get; private set; }

    /// <summary>The timestamp of a frame.</summary>
    public uint TimestampOf(uint frameNumber) => _firstTimestamp + (frameNumber * Clip.TicksPerFrame);

    /// <summary>When the next frame is due.</summary>
    /// <param name="start">When frame 0 was.</param>
    public MonotonicTime DueSince(MonotonicTime start) => new(start.Nanoseconds + (long)(FrameNumber * (1e9 * Clip.TicksPerFrame / Clip.ClockRateHz)));

    /// <summary>By how much the start must be moved because this process was stopped: it goes on from here.</summary>
    public TimeSpan LagBehind(MonotonicTime start, MonotonicTime now) => now - DueSince(start) > LargestLag ? now - DueSince(start) : TimeSpan.Zero;

    /// <summary>Has the next frame be a keyframe.</summary>
    public void JumpToKeyframe() => NextFrame = Clip.NextKeyframe(NextFrame);

    /// <summary>Goes on to the next frame.</summary>
    public void EndFrame()
    {
        if (Clip[NextFrame].TemporalId == 0) _baseFrames++;
        NextFrame = (NextFrame + 1) % Clip.FrameCount;
        FrameNumber++;
    }

    /// <summary>Writes a packet of the next frame into the peer's outgoing batch.</summary>
    public void Send(Peer peer, int packet, bool marker, ref ushort transportSequence)
    {
        var baseFrame = Clip[NextFrame].TemporalId == 0 ? _baseFrames : _baseFrames - 1;
        var sent = new Sent(++_sequence, packet, TimestampOf(FrameNumber), FrameNumber, baseFrame, transportSequence++, marker);
        _history[sent.Sequence % HistoryLength] = sent;
        _octets += (uint)Clip.Payload(packet).Length;
        _packets++;
        Write(peer, sent, Ssrc, _media.PayloadType, sent.Sequence, original: null);
    }

    /// <summary>Sends a packet once more: by RTX (RFC 4588), or without that exactly as before.</summary>
    /// <returns>False when it is no longer remembered.</returns>
    public bool Resend(Peer peer, ushort sequenceNumber, ref ushort transportSequence)
    {
        var extended = _sequence + (short)(sequenceNumber - (ushort)_sequence);
        if (extended < 0) return false;
        var sent = _history[extended % HistoryLength];
        if (sent.Sequence != extended) return false;
        if (_media.RtxPayloadType == 0)
        {
            Write(peer, sent, Ssrc, _media.PayloadType, sent.Sequence, original: null);
            return true;
        }

        sent.TransportSequence = transportSequence++;
        Write(peer, sent, RtxSsrc, _media.RtxPayloadType, ++_rtxSequence, sequenceNumber);
        return true;
    }

    /// <summary>Writes a sender report (RFC 3550 §6.4.1).</summary>
    /// <param name="destination">At least 28 bytes.</param>
    /// <param name="ntpTimestamp">The wall clock.</param>
    /// <param name="rtpTimestamp">The same moment in media time.</param>
    public int WriteReport(Span<byte> destination, ulong ntpTimestamp, uint rtpTimestamp) =>
        _packets == 0 ? 0 : RtcpWriter.SenderReport(destination, Ssrc, ntpTimestamp, rtpTimestamp, _packets, _octets, []);

    private void Write(Peer peer, in Sent sent, uint ssrc, byte payloadType, long sequence, ushort? original)
    {
        var slot = peer.Reserve(MaxPacket);
        var extensions = new HeaderExtensionWriter(slot[RtpHeader.FixedLength..], _media.Extensions, _twoByteExtensions);
        Span<byte> number = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(number, sent.TransportSequence);
        extensions.Write(HeaderExtensionKind.TransportSequenceNumber, number);
        extensions.Write(HeaderExtensionKind.Mid, _mid);
        if (_rid.Length > 0) extensions.Write(original is null ? HeaderExtensionKind.RtpStreamId : HeaderExtensionKind.RepairedRtpStreamId, _rid);
        var extensionLength = extensions.Finish();
        RtpHeader.Write(slot, sent.Marker, payloadType, (ushort)sequence, sent.Timestamp, ssrc, extensionLength != 0, padding: false);
        var headerLength = RtpHeader.FixedLength + extensionLength;
        var length = headerLength;
        if (original is { } originalSequence)
        {
            RtxPayload.Write(slot[length..], originalSequence);
            length += RtxPayload.OverheadLength;
        }

        var payload = Clip.Payload(sent.Packet);
        payload.CopyTo(slot[length..]);
        PictureCounters.Write(Clip.Codec, slot.Slice(length, payload.Length), sent.Frame, sent.BaseFrame);
        length += payload.Length;
        peer.Commit(peer.Sender!.ProtectRtp(slot[..(length + SrtpLimits.MaxRtpOverhead)], headerLength, length, (uint)(sequence >> 16)));
    }

    private static uint RandomUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(4));
}
