using System.Buffers.Binary;
using System.Text;
using Broadcast.Fuzz.Targets;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Srtp;
using Broadcast.Rtc.Stun;

namespace Broadcast.Fuzz.Engine;

/// <summary>The node's channel to one peer, and that peer's keys, with which everything sent is checked.</summary>
internal sealed class EncryptedEnd : IDisposable
{
    private const SrtpProfile Profile = SrtpProfile.AeadAes128Gcm;

    private readonly SrtpReceiver _peer = SrtpKeys.Receiver(Profile);
    private readonly Dictionary<(uint Ssrc, ushort SequenceNumber), List<byte[]>> _sent = [];
    private readonly byte[] _work = new byte[4096];

    /// <summary>Creates the channel; ICE has validated its path.</summary>
    public EncryptedEnd(MonotonicTime now)
    {
        var ice = new IceLiteAgent(new IceCredentials("server00", "passwordOfThisServer22"));
        Output = new PacketOutput(new DatagramBatch(), Check);
        Channel = new PeerChannel(ice) { Srtp = SrtpKeys.Sender(Profile), HasConsent = true };

        var request = new byte[128];
        var password = Encoding.ASCII.GetBytes(ice.Local.Password);
        var length = StunWriter.WriteBindingRequest(request, "transaction1"u8, "server00:client00"u8, password, 1, 2, controlling: true, useCandidate: true);
        Invariant.Holds(StunMessageView.TryParse(request.AsSpan(0, length), out var view) == DropReason.None, "a check can be read");
        var path = new TransportPath(new TransportAddress(System.Net.IPAddress.Loopback, 4000), default);
        ice.HandleRequest(view, "server00"u8, path, now, new PacketOutput(new DatagramBatch(), static _ => { }));
    }

    /// <summary>The node's way to the peer.</summary>
    public PeerChannel Channel { get; }

    /// <summary>Where the node writes.</summary>
    public PacketOutput Output { get; }

    /// <summary>RTP packets the peer got.</summary>
    public int Packets { get; private set; }

    public void Dispose()
    {
        Channel.Srtp?.Dispose();
        _peer.Dispose();
    }

    private void Check(DatagramBatch batch)
    {
        foreach (var run in batch.Runs)
        {
            for (var at = 0; at < run.Length; at += run.SegmentLength)
                Check(batch.Buffer.Slice(run.Offset + at, Math.Min(run.SegmentLength, run.Length - at)));
        }
    }

    private void Check(ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(_work);
        var packet = _work.AsSpan(0, datagram.Length);
        if (DatagramDemultiplexer.Classify(datagram) == DatagramKind.Rtcp)
        {
            Invariant.Holds(_peer.UnprotectRtcp(packet, out _) == DropReason.None, "what is sent as RTCP is authentic");
            return;
        }

        Packets++;
        var place = (BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]), BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]));
        if (!_sent.TryGetValue(place, out var earlier)) _sent[place] = earlier = [];
        var reason = _peer.UnprotectRtp(packet, out var length, out _);
        if (reason == DropReason.None)
        {
            Invariant.Holds(RtpPacketView.TryParse(packet[..length], out _) == DropReason.None, "what is sent can be read");
            earlier.Add(datagram.ToArray());
            return;
        }

        // One index for two different packets would give the key stream away (RFC 7714 §8.4).
        Invariant.Holds(reason is DropReason.SrtpReplayed or DropReason.SrtpTooOld, "what is sent as RTP is authentic");
        Invariant.Holds(reason == DropReason.SrtpTooOld || SrtpKeys.Contains(earlier, datagram), "an index is used again only for the same bytes");
    }
}
