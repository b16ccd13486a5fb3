using System.Buffers.Binary;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Rtc.Tests.Srtp;

/// <summary>Both ends of one direction under fixed keys, and packets to send through it.</summary>
internal sealed class SrtpFixture : IDisposable
{
    public const uint Ssrc = 0x12345678;

    public SrtpFixture(SrtpProfile profile)
    {
        var key = Enumerable.Range(1, profile.MasterKeyLength()).Select(i => (byte)i).ToArray();
        var salt = Enumerable.Range(101, profile.MasterSaltLength()).Select(i => (byte)i).ToArray();
        Sender = new SrtpSender(profile, key, salt);
        Receiver = new SrtpReceiver(profile, key, salt);
    }

    public SrtpSender Sender { get; }

    public SrtpReceiver Receiver { get; }

    public static TheoryData<SrtpProfile> Profiles =>
        [SrtpProfile.Aes128CmSha1_80, SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm];

    public static byte[] Rtp(long extendedSequenceNumber, int payloadLength = 100, uint ssrc = Ssrc)
    {
        var packet = new byte[12 + payloadLength];
        packet[0] = 0x80;
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)extendedSequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        for (var i = 12; i < packet.Length; i++) packet[i] = (byte)(i * 7);
        return packet;
    }

    public static byte[] Rtcp(uint ssrc = Ssrc)
    {
        var packet = new byte[32];
        packet[0] = 0x81;
        packet[1] = 201;
        packet[3] = 7;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        for (var i = 8; i < packet.Length; i++) packet[i] = (byte)i;
        return packet;
    }

    public byte[] ProtectRtp(byte[] plain, long extendedSequenceNumber, int headerLength = 12)
    {
        var buffer = new byte[plain.Length + SrtpLimits.MaxRtpOverhead];
        plain.CopyTo(buffer, 0);
        var length = Sender.ProtectRtp(buffer, headerLength, plain.Length, (uint)(extendedSequenceNumber >> 16));
        return buffer[..length];
    }

    public byte[] ProtectRtp(long extendedSequenceNumber, uint ssrc = Ssrc) =>
        ProtectRtp(Rtp(extendedSequenceNumber, ssrc: ssrc), extendedSequenceNumber);

    public byte[] ProtectRtcp(uint ssrc = Ssrc)
    {
        var plain = Rtcp(ssrc);
        var buffer = new byte[plain.Length + SrtpLimits.MaxRtcpOverhead];
        plain.CopyTo(buffer, 0);
        return buffer[..Sender.ProtectRtcp(buffer, plain.Length)];
    }

    public DropReason Receive(byte[] packet) => Receive(packet, out _);

    public DropReason Receive(byte[] packet, out long extendedSequenceNumber) =>
        Receiver.UnprotectRtp((byte[])packet.Clone(), out _, out extendedSequenceNumber);

    public DropReason ReceiveRtcp(byte[] packet) => Receiver.UnprotectRtcp((byte[])packet.Clone(), out _);

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}
