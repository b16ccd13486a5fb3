using System.Buffers.Binary;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Benchmarks.Srtp;

/// <summary>Protects bursts of 9 packets of 1,200 bytes for viewer after viewer, as the send path does.</summary>
internal sealed class SrtpBurst : IDisposable
{
    public const int PacketLength = 1200;
    public const int PacketsPerBurst = 9;
    public const int HeaderLength = 20; // one-byte header extension

    private const int Stride = PacketLength + SrtpLimits.MaxRtpOverhead;

    private readonly SrtpSender[] _senders;
    private readonly byte[] _buffer = new byte[PacketsPerBurst * Stride];
    private long _sequence;

    public SrtpBurst(SrtpProfile profile, int viewers)
    {
        var key = new byte[profile.MasterKeyLength()];
        var salt = new byte[profile.MasterSaltLength()];
        _senders = new SrtpSender[viewers];
        for (var i = 0; i < viewers; i++)
        {
            Random.Shared.NextBytes(key);
            _senders[i] = new SrtpSender(profile, key, salt);
        }

        Random.Shared.NextBytes(_buffer);
        for (var i = 0; i < PacketsPerBurst; i++)
        {
            var packet = _buffer.AsSpan(i * Stride);
            packet[0] = 0x90;
            BinaryPrimitives.WriteUInt32BigEndian(packet[12..], 0xBEDE0001);
        }
    }

    public int Packets => _senders.Length * PacketsPerBurst;

    /// <summary>One burst for each viewer.</summary>
    public int Protect()
    {
        var total = 0;
        foreach (var sender in _senders)
        {
            for (var i = 0; i < PacketsPerBurst; i++)
            {
                var sequence = _sequence++;
                var packet = _buffer.AsSpan(i * Stride, Stride);
                BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)sequence);
                total += sender.ProtectRtp(packet, HeaderLength, PacketLength, (uint)(sequence >> 16));
            }
        }

        return total;
    }

    public void Dispose()
    {
        foreach (var sender in _senders) sender.Dispose();
    }
}
