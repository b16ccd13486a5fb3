using System.Net;
using System.Text;
using Broadcast.Media.Congestion;
using Broadcast.Media.Layers;
using Broadcast.Media.Peers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;
using Broadcast.Rtc.Srtp;
using Broadcast.Rtc.Stun;
using Broadcast.Testing.Peers;

namespace Broadcast.Media.Tests.Send;

/// <summary>A viewer that starts at an H.264 picture without parameter sets gets those that are known.</summary>
public sealed class ParameterSetInjectionTests : IDisposable
{
    private const uint Ssrc = 77;
    private const uint RtxSsrc = 78;
    private static readonly byte[] Sps = Convert.FromHexString("6742C01FD9005005BB0110000003001000000300A0F183248000");
    private static readonly byte[] Pps = Convert.FromHexString("68CB83CB20");
    private static readonly byte[] Stap = [0x78, 0, (byte)Sps.Length, .. Sps, 0, (byte)Pps.Length, .. Pps];
    private static readonly byte[] Idr = [0x65, 0x88, 0x80, 0x40, 1, 2, 3];
    private static readonly byte[] Slice = [0x41, 0x9A, 0x02, 4, 5, 6];
    private static readonly byte[] Key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];
    private static readonly byte[] Salt = [.. Enumerable.Range(1, 12).Select(i => (byte)i)];

    private readonly SrtpReceiver _viewer = new(SrtpProfile.AeadAes128Gcm, Key, Salt);
    private readonly BurstPlan _plan = new();
    private readonly List<Got> _got = [];
    private readonly List<byte[]> _wires = [];
    private readonly PacketOutput _output;
    private readonly PeerChannel _channel;
    private ReceiveTrack _track;
    private Publication _publication;
    private Publication? _attached;
    private SendStream _stream;
    private readonly PacedTransport _transport = new(new SendSideEstimator());
    private long _next = 500;
    private uint _timestamp = 90_000;
    private double _now;

    public ParameterSetInjectionTests()
    {
        var ice = new IceLiteAgent(new IceCredentials("server00", "passwordOfThisServer22"));
        var check = ConnectivityCheck.Build(new byte[12], "server00:abcd", "passwordOfThisServer22", ConnectivityCheck.Controlling, ConnectivityCheck.Priority);
        Assert.Equal(DropReason.None, StunMessageView.TryParse(check, out var request));
        var path = new TransportPath(new TransportAddress(IPEndPoint.Parse("192.0.2.1:1000")), default);
        Assert.Equal(DropReason.None, ice.HandleRequest(request, Encoding.ASCII.GetBytes("server00"), path, At(0), new PacketOutput(new DatagramBatch(), _ => { })));
        _channel = new PeerChannel(ice) { Srtp = new SrtpSender(SrtpProfile.AeadAes128Gcm, Key, Salt), HasConsent = true };
        _output = new PacketOutput(new DatagramBatch(), Take);
        (_track, _publication) = Publish("");
        _stream = NewStream();
    }

    [Fact]
    public void Picture_without_sets_is_led_in_by_the_known_ones_and_all_else_follows_without_a_hole()
    {
        Publish(Sps, marker: false);
        Publish(Pps, marker: false);
        Picture(Idr);
        for (var i = 0; i < 20; i++) Picture(Slice);
        _now += 7000;
        Forward();
        Assert.Empty(_got);

        Picture(Idr);
        Forward();
        for (var i = 0; i < 1200; i++)
        {
            Picture(i % 100 == 99 ? Idr : Slice);
            if (i % 3 == 0) Forward();
        }

        Forward();
        Assert.Equal(Stap, _got[0].Payload);
        Assert.False(_got[0].Marker);
        Assert.Equal(Idr, _got[1].Payload);
        Assert.Equal(_got[0].Timestamp, _got[1].Timestamp);
        Assert.Equal(1202, _got.Count);
        Assert.Single(_got, packet => packet.Payload.AsSpan().SequenceEqual(Stap));
        for (var i = 1; i < _got.Count; i++) Assert.Equal((ushort)(_got[i - 1].Sequence + 1), _got[i].Sequence);
        for (var i = 2; i < _got.Count; i++) Assert.Equal(3000u, _got[i].Timestamp - _got[i - 1].Timestamp);
        Assert.Equal(1202, _stream.Packets);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Picture_with_its_own_sets_is_sent_as_it_is(bool aggregate)
    {
        Publish(aggregate ? Stap : Sps, marker: false);
        if (!aggregate) Publish(Pps, marker: false);
        Picture(Idr);
        Forward();
        Assert.Equal(aggregate ? [Stap, Idr] : [Sps, Pps, Idr], _got.Select(packet => packet.Payload));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lead_in_is_sent_again_when_asked_for(bool rtx)
    {
        _stream = NewStream(rtx);
        Picture(Stap);
        _now += 7000;
        Forward();
        Picture(Idr);
        Picture(Slice);
        Forward();
        Assert.Equal([Stap, Idr, Slice], _got.Select(packet => packet.Payload));
        foreach (var each in _got.ToArray())
        {
            _wires.Clear();
            var sent = _got.Count;
            Assert.Equal(DropReason.None, _stream.Retransmit(each.Sequence, TimeSpan.Zero, _channel, _transport, At(_now), _output));
            _output.Flush();
            if (rtx)
            {
                Assert.Equal(RtxSsrc, _got[sent].Ssrc);
                Assert.Equal([(byte)(each.Sequence >> 8), (byte)each.Sequence, .. each.Payload], _got[sent].Payload);
                Assert.Equal(each.Timestamp, _got[sent].Timestamp);
            }
            else
            {
                // The very same bytes: the key stream is used once.
                Assert.Equal(each.Wire, Assert.Single(_wires));
            }
        }

        Assert.Equal(DropReason.NackUnknown, _stream.Retransmit((ushort)(_got[0].Sequence - 1), TimeSpan.Zero, _channel, _transport, At(_now), _output));
    }

    [Fact]
    public void Sets_of_the_SDP_serve_a_publisher_that_sends_none()
    {
        (_track, _publication) = Publish($"packetization-mode=1;sprop-parameter-sets={Convert.ToBase64String(Sps)},{Convert.ToBase64String(Pps)}");
        Picture(Idr);
        Forward();
        Assert.Equal([Stap, Idr], _got.Select(packet => packet.Payload));
    }

    [Fact]
    public void Viewer_waits_while_no_sets_are_known()
    {
        Picture(Idr);
        Picture(Slice);
        Forward();
        Assert.Empty(_got);
        Publish(Stap, marker: false);
        Picture(Idr);
        Forward();
        Assert.Equal([Stap, Idr], _got.Select(packet => packet.Payload));
    }

    [Fact]
    public void Viewer_starts_with_the_SPS_that_comes_by_repair_after_its_picture()
    {
        Picture(Slice);
        var (lost, timestamp) = (_next++, _timestamp);
        Picture(Idr);
        Picture(Slice);
        Forward();
        Assert.Empty(_got);
        Send(lost, Stap, marker: false, timestamp);
        Forward();
        Assert.Equal([Stap, Idr, Slice], _got.OrderBy(packet => packet.Sequence).Select(packet => packet.Payload));
        Assert.Equal(_got.Min(packet => packet.Sequence) + 2, _got.Max(packet => packet.Sequence));
    }

    [Fact]
    public void Sets_longer_than_a_packet_are_not_sent()
    {
        (_track, _publication) = Publish($"sprop-parameter-sets={Convert.ToBase64String([.. Sps, .. new byte[2000]])},{Convert.ToBase64String(Pps)}");
        Picture(Idr);
        Forward();
        Assert.Equal([Idr], _got.Select(packet => packet.Payload));
    }

    [Fact]
    public void Viewer_of_packetization_mode_0_gets_no_aggregate()
    {
        _stream = NewStream(parameters: "packetization-mode=0");
        Picture(Stap);
        _now += 7000;
        Forward();
        Picture(Idr);
        Forward();
        Assert.Equal([Idr], _got.Select(packet => packet.Payload));
    }

    [Fact]
    public void New_publication_is_led_in_and_the_numbers_go_on()
    {
        Publish(Stap, marker: false);
        Picture(Idr);
        Picture(Slice);
        Forward();
        (_track, _publication) = Publish($"sprop-parameter-sets={Convert.ToBase64String(Sps)},{Convert.ToBase64String(Pps)}");
        _next = 9000;
        Picture(Idr);
        Picture(Slice);
        Forward();
        Assert.Equal([Stap, Idr, Slice, Stap, Idr, Slice], _got.Select(packet => packet.Payload));
        for (var i = 1; i < _got.Count; i++) Assert.Equal((ushort)(_got[i - 1].Sequence + 1), _got[i].Sequence);
        Assert.Equal(_got[3].Timestamp, _got[4].Timestamp);
        Assert.True((int)(_got[3].Timestamp - _got[2].Timestamp) > 0);
    }

    public void Dispose()
    {
        _viewer.Dispose();
        _channel.Srtp!.Dispose();
    }

    private static MonotonicTime At(double milliseconds) => MonotonicTime.FromMilliseconds(10_000 + milliseconds);

    private static NegotiatedMedia Media(string parameters, bool rtx) => new()
    {
        Index = 0,
        Mid = "0",
        Kind = MediaKind.Video,
        Codec = new NegotiatedCodec(CodecKind.H264, 96, rtx ? (byte)97 : null, 90_000, 1, parameters, Nack: true, Pli: true, Fir: true, TransportCc: false, Remb: false),
        Extensions = new HeaderExtensionMap(),
        ReducedSizeRtcp = true,
    };

    private static (ReceiveTrack, Publication) Publish(string parameters)
    {
        var source = new SourceTrack(MediaKind.Video, CodecKind.H264, parameters, 90_000);
        return (new ReceiveTrack(Media(parameters, rtx: true), source), new Publication(new PublicationEpoch(1), "publisher", [source], static () => { }));
    }

    private static SendStream NewStream(bool rtx = true, string parameters = "packetization-mode=1") => new(Media(parameters, rtx), Ssrc, RtxSsrc, 32_760, 5);

    private void Picture(byte[] payload)
    {
        Publish(payload, marker: true);
        _timestamp += 3000;
        _now += 100.0 / 3;
    }

    private void Publish(byte[] payload, bool marker) => Send(_next++, payload, marker, _timestamp);

    private void Send(long sequence, byte[] payload, bool marker, uint timestamp)
    {
        var datagram = new byte[RtpHeader.FixedLength + payload.Length];
        RtpHeader.Write(datagram, marker, 96, (ushort)sequence, timestamp, 1, extension: false, padding: false);
        payload.CopyTo(datagram, RtpHeader.FixedLength);
        Assert.Equal(DropReason.None, RtpPacketView.TryParse(datagram, out var packet));
        Assert.Equal(DropReason.None, _track.HandleMedia(sequence, packet.Timestamp, packet.Marker, packet.Payload, default, At(_now), restored: false));
    }

    private void Forward()
    {
        var head = _track.Source.Log.Head;
        if (!ReferenceEquals(_attached, _publication)) _stream.Attach(_publication, _track.Source, LayerSelection.All, head, At(_now));
        _attached = _publication;
        _transport.Advance(At(_now));
        _stream.Forward([head], [_plan], _channel, _transport, At(_now), _output);
        _output.Flush();
    }

    private void Take(DatagramBatch batch)
    {
        foreach (ref readonly var run in batch.Runs)
        {
            for (var at = 0; at < run.Length; at += run.SegmentLength) Take(batch.Buffer.Slice(run.Offset + at, Math.Min(run.SegmentLength, run.Length - at)));
        }
    }

    private void Take(ReadOnlySpan<byte> datagram)
    {
        var packet = datagram.ToArray();
        _wires.Add(datagram.ToArray());
        if (_viewer.UnprotectRtp(packet, out var length, out _) != DropReason.None) return;
        Assert.Equal(DropReason.None, RtpPacketView.TryParse(packet.AsSpan(0, length), out var view));
        _got.Add(new Got(view.Ssrc, view.SequenceNumber, view.Timestamp, view.Marker, view.Payload.ToArray(), datagram.ToArray()));
    }

    private sealed record Got(uint Ssrc, ushort Sequence, uint Timestamp, bool Marker, byte[] Payload, byte[] Wire);
}
