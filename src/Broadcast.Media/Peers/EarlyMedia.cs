using Broadcast.Rtc;

namespace Broadcast.Media.Peers;

/// <summary>Media that overtook the end of the handshake, kept until the keys are there.</summary>
/// <remarks>
/// Its peer has the keys already, so these are usually the first packets of the first keyframe. Nobody can tell yet
/// whether they are genuine: hence the limits, and plain arrays that go with the peer whatever becomes of the handshake.
/// Made for the first such datagram. Owned by one MediaWorker.
/// </remarks>
internal sealed class EarlyMedia
{
    /// <summary>Datagrams kept at most.</summary>
    public const int MaxDatagrams = 50;

    /// <summary>Bytes kept at most.</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly List<EarlyDatagram> _datagrams = [];

    /// <summary>Bytes kept.</summary>
    public int Bytes { get; private set; }

    /// <summary>What was kept, in order of arrival.</summary>
    public IReadOnlyList<EarlyDatagram> Datagrams => _datagrams;

    /// <summary>Copies a datagram.</summary>
    /// <returns><see cref="DropReason.EarlyMediaFull"/> over the limits.</returns>
    public DropReason Add(ReadOnlySpan<byte> datagram, in TransportPath path, MonotonicTime arrival)
    {
        if (_datagrams.Count >= MaxDatagrams || Bytes + datagram.Length > MaxBytes) return DropReason.EarlyMediaFull;
        _datagrams.Add(new EarlyDatagram(datagram.ToArray(), path, arrival));
        Bytes += datagram.Length;
        return DropReason.None;
    }
}

/// <summary>One kept datagram.</summary>
/// <param name="Bytes">As it came.</param>
/// <param name="Path">Where from.</param>
/// <param name="Arrival">When.</param>
internal readonly record struct EarlyDatagram(byte[] Bytes, TransportPath Path, MonotonicTime Arrival);
