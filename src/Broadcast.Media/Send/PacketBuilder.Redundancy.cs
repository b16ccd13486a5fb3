using Broadcast.Media.Routing;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Send;

/// <summary>Sound with copies of the two packets before (RFC 2198), for viewers who lose some and agreed to it.</summary>
public sealed partial class PacketBuilder
{
    /// <summary>Headers and two earlier packets.</summary>
    private const int MaxRedundancy = 2 * (RedBlock.MaximumLength + 4) + 1;

    /// <summary>
    /// True to send sound with redundancy from now on. Never toward a viewer who asks for packets again and has no RTX: the same
    /// number could then go out with other bytes, when an earlier packet came late.
    /// </summary>
    public bool AddsRedundancy
    {
        get => _addsRedundancy;
        set => _addsRedundancy = value && CanAddRedundancy;
    }

    /// <summary>True when the viewer agreed to redundancy.</summary>
    public bool CanAddRedundancy => _media.Codec is { RedPayloadType: not null, Nack: false };

    private bool _addsRedundancy;

    private int WriteRedundant(SourceTrack track, long position, in LoggedPacket packet, Span<byte> destination)
    {
        Span<byte> primary = stackalloc byte[PacketLog.MaxRecordLength];
        if (!track.Log.TryCopyPayload(position, packet, primary)) return 0;
        Span<byte> earlier = stackalloc byte[2 * RedBlock.MaximumLength];
        var newer = Earlier(track, packet, 1, earlier[..RedBlock.MaximumLength]);

        // Some receivers tell blocks by their place: the one before the last may not be missing alone.
        var older = newer.Data.IsEmpty ? default : Earlier(track, packet, 2, earlier[RedBlock.MaximumLength..]);
        return RedPayload.Write(destination, _media.Codec.PayloadType, primary[..packet.PayloadLength], older, newer);
    }

    private RedBlock Earlier(SourceTrack track, in LoggedPacket packet, int back, Span<byte> buffer)
    {
        if (!track.Log.TryFind(packet.ExtendedSequenceNumber - back, out var position, out var earlier) || earlier.PayloadLength > buffer.Length) return default;
        if (!track.Log.TryCopyPayload(position, earlier, buffer)) return default;
        return new RedBlock(_media.Codec.PayloadType, packet.Timestamp - earlier.Timestamp, buffer[..earlier.PayloadLength]);
    }
}
