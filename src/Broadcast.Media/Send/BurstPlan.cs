using Broadcast.Media.Routing;

namespace Broadcast.Media.Send;

/// <summary>Says how many bytes of RTP padding make the packets of a burst equally long, so that one segmented send (GSO) carries them.</summary>
/// <remarks>
/// libwebrtc splits a frame into packets that differ by one byte; padding the shorter ones costs less than a system call.
/// Made once per burst and shared by all viewers of a worker. Owned by one MediaWorker.
/// </remarks>
public sealed class BurstPlan
{
    /// <summary>The largest padding worth a saved run: about 2 % of a packet.</summary>
    public const int MaxPadding = 24;

    private const int MaxPackets = 256;

    private readonly byte[] _padding = new byte[MaxPackets];
    private long _from;
    private int _count;

    /// <summary>Plans the packets at positions <paramref name="from"/> up to, not including, <paramref name="to"/>.</summary>
    public void Prepare(PacketLog log, long from, long to)
    {
        _from = from;
        _count = (int)Math.Min(to - from, MaxPackets);
        Span<ushort> lengths = stackalloc ushort[MaxPackets];
        Span<ushort> extensions = stackalloc ushort[MaxPackets];
        for (var i = 0; i < _count; i++)
        {
            if (!log.TryGet(from + i, out var packet)) packet = default;
            lengths[i] = packet.PayloadLength;
            extensions[i] = packet.ExtensionLength;
        }

        for (var start = 0; start < _count;)
        {
            int shortest = lengths[start], longest = lengths[start], end = start + 1;
            while (end < _count && extensions[end] == extensions[start])
            {
                var low = Math.Min(shortest, lengths[end]);
                var high = Math.Max(longest, lengths[end]);
                if (high - low > MaxPadding) break;
                (shortest, longest) = (low, high);
                end++;
            }

            for (var i = start; i < end; i++) _padding[i] = (byte)(longest - lengths[i]);
            start = end;
        }
    }

    /// <summary>Padding bytes for the packet at a position; 0 for positions outside the plan.</summary>
    public int PaddingOf(long position)
    {
        var index = position - _from;
        return (ulong)index < (ulong)_count ? _padding[index] : 0;
    }
}
