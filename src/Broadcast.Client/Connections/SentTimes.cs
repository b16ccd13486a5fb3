using Broadcast.Client.Media;
using Broadcast.Rtc;

namespace Broadcast.Client.Connections;

/// <summary>When a publisher last sent each packet of its clip, so that viewers in the same process know the delay.</summary>
/// <remarks>Written by the publisher's loop, read by those of the viewers.</remarks>
internal sealed class SentTimes(MediaClip clip)
{
    private readonly long[] _sentAt = new long[clip.PacketCount];

    /// <summary>Notes a packet about to be sent.</summary>
    public void Set(int packet, MonotonicTime now) => Volatile.Write(ref _sentAt[packet], now.Nanoseconds);

    /// <summary>When the packet with this payload was sent.</summary>
    /// <returns>False when it cannot be told.</returns>
    public bool TryFind(ReadOnlySpan<byte> payload, out MonotonicTime sentAt)
    {
        var packet = clip.PacketOf(payload);
        sentAt = new MonotonicTime(packet < 0 ? 0 : Volatile.Read(ref _sentAt[packet]));
        return sentAt.Nanoseconds != 0;
    }
}
