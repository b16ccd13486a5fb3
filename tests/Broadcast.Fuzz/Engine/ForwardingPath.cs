using System.Buffers.Binary;
using Broadcast.Fuzz.Targets;
using Broadcast.Media.Congestion;
using Broadcast.Media.Layers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Fuzz.Engine;

/// <summary>A publisher, the packet logs, and two viewers (with and without RTX), as one worker drives them.</summary>
internal sealed class ForwardingPath : IDisposable
{
    private readonly LiveStream _stream = new("fuzz");
    private readonly Publication _publication;
    private readonly IngestSession _ingest;
    private readonly SrtpSender _publisher = SrtpKeys.Sender(SrtpProfile.AeadAes128Gcm);
    private readonly SrtpReceiver _receiver = SrtpKeys.Receiver(SrtpProfile.AeadAes128Gcm);
    private readonly EncryptedEnd _toPublisher;
    private readonly (ViewerSession Session, EncryptedEnd End)[] _viewers;
    private readonly BurstPlan[] _plans = [new(), new()];
    private readonly long[] _heads = new long[2];
    private readonly long[] _served = new long[2];
    private readonly byte[] _work = new byte[4096];
    private readonly DropCounters _drops = new();
    private readonly Dictionary<uint, long> _highest = [];

    /// <summary>Creates the path for a video codec.</summary>
    public ForwardingPath(CodecKind codec, MonotonicTime now)
    {
        var negotiated = SampleTracks.Publisher(codec);
        SourceTrack[] tracks = [.. negotiated.Media.Select(media => new SourceTrack(media.Kind, media.Codec.Codec, "", media.Codec.ClockRateHz))];
        _publication = new Publication(new PublicationEpoch(1), "publisher", tracks, static () => { });
        _stream.Replace(_publication);
        _ingest = new IngestSession(negotiated, _stream, _publication, 1, IngestPolicy.Default);
        _toPublisher = new EncryptedEnd(now);
        _viewers = [Viewer(codec, hasRtx: true, now), Viewer(codec, hasRtx: false, now)];
    }

    /// <summary>Packets that reached viewers.</summary>
    public int Forwarded => _viewers.Sum(viewer => viewer.End.Packets);

    /// <summary>The publisher's plain RTP or RTCP packet, encrypted as its own.</summary>
    public void Publish(ReadOnlySpan<byte> plain, MonotonicTime now)
    {
        plain.CopyTo(_work);
        if (Broadcast.Media.Peers.DatagramDemultiplexer.Classify(plain) == Broadcast.Media.Peers.DatagramKind.Rtcp)
        {
            if (plain.Length >= 8) _ingest.HandleRtcp(plain, now);
            return;
        }

        var header = HeaderLength(plain);
        if (header < 12 || header > plain.Length) return;
        var length = _publisher.ProtectRtp(_work, header, plain.Length, RolloverCounter(plain));
        _ingest.HandleRtp(_work.AsSpan(0, length), _receiver, now);
    }

    /// <summary>A decrypted compound packet of both viewers.</summary>
    public void Answer(ReadOnlySpan<byte> compound, MonotonicTime now)
    {
        foreach (var (session, end) in _viewers) session.HandleRtcp(compound, end.Channel, _drops, now, end.Output);
    }

    /// <summary>A worker's turn.</summary>
    public void Turn(MonotonicTime now)
    {
        for (var i = 0; i < _heads.Length; i++)
        {
            var log = _publication.Tracks[i].Log;
            _heads[i] = log.Head;
            _plans[i].Prepare(log, Math.Max(_served[i], log.Floor), _heads[i]);
        }

        foreach (var (session, end) in _viewers)
        {
            session.Forward(_publication, _heads, _plans, end.Channel, now, end.Output);
            session.Tick(now, end.Channel, end.Output);
            end.Output.Flush();
        }

        _heads.CopyTo(_served, 0);
        _ingest.Tick(now, _toPublisher.Channel, _toPublisher.Output);
        _toPublisher.Output.Flush();
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _receiver.Dispose();
        _toPublisher.Dispose();
        foreach (var (_, end) in _viewers) end.Dispose();
    }

    private (ViewerSession, EncryptedEnd) Viewer(CodecKind codec, bool hasRtx, MonotonicTime now)
    {
        SendStream[] streams = [new(SampleTracks.Audio(hasRtx), 101, 102, 1000, 5), new(SampleTracks.Video(codec, hasRtx), 201, 202, 32_760, 7)];
        var estimator = new SendSideEstimator();
        var session = new ViewerSession(_stream, streams, "cname"u8.ToArray(), new LayerController(estimator), new UplinkShare(), new PacedTransport(estimator));
        return (session, new EncryptedEnd(now));
    }

    /// <summary>As the receiver will guess it: the index nearest to the highest of this stream so far.</summary>
    private uint RolloverCounter(ReadOnlySpan<byte> packet)
    {
        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        var sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        var highest = _highest.GetValueOrDefault(ssrc, sequence);
        var index = Math.Max(0, highest + (short)(sequence - (ushort)highest));
        _highest[ssrc] = Math.Max(highest, index);
        return (uint)(index >> 16);
    }

    private static int HeaderLength(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 12 || packet[0] >> 6 != 2) return 0;
        var length = 12 + (4 * (packet[0] & 0x0F));
        if ((packet[0] & 0x10) == 0) return length;
        return packet.Length < length + 4 ? 0 : length + 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]));
    }
}
