using Broadcast.Media.Layers;

namespace Broadcast.Media.Rewrite;

/// <summary>The recent stretches of consecutive source packets that went out under consecutive numbers: what is needed where packets are left out or restamped.</summary>
/// <remarks>
/// A run ends where the next one begins: source packets past its last number were left out. Holds the last
/// <see cref="Capacity"/> runs in 2 KB. Owned by one MediaWorker.
/// </remarks>
internal sealed class SentRuns
{
    /// <summary>Runs remembered: with every second frame left out, more than the packet log goes back.</summary>
    public const int Capacity = 128;

    private readonly Run[] _runs = new Run[Capacity];
    private long _next;

    /// <summary>The newest run; meaningless before the first.</summary>
    private ref Run Last => ref _runs[(_next - 1) & (Capacity - 1)];

    /// <summary>Begins a run at a source packet; one in which nothing was sent yet is replaced.</summary>
    public void Begin(long source, in Placement first)
    {
        if (_next > 0 && Last.Sent == (uint)first.Sent) _next--;
        _runs[_next & (Capacity - 1)] = new Run((uint)source, (uint)first.Sent, first.TimestampOffset, first.PictureIdOffset, first.Selection);
        _next++;
    }

    /// <summary>Where a source packet that is newer than all before it goes.</summary>
    public Placement Next(long source, long highestSent)
    {
        ref var run = ref Last;
        return run.Place(Extend(run.Sent + ((uint)source - run.Source), highestSent));
    }

    /// <summary>Finds where a source packet went, or would have gone.</summary>
    /// <returns>False when it was left out, or is older than all runs.</returns>
    public bool TryPlace(long source, long highestSent, out Placement placement)
    {
        var end = (uint)highestSent + 1;
        for (var i = 1; i <= Math.Min(_next, Capacity); i++)
        {
            ref var run = ref _runs[(_next - i) & (Capacity - 1)];
            var into = (int)((uint)source - run.Source);
            if (into >= 0)
            {
                var sent = run.Sent + (uint)into;
                placement = run.Place(Extend(sent, highestSent));
                return i == 1 || (int)(sent - end) < 0;
            }

            end = run.Sent;
        }

        placement = default;
        return false;
    }

    /// <summary>Finds the source packet behind a sent number.</summary>
    /// <param name="sent">Not above the highest sent.</param>
    /// <param name="near">A source sequence number within 2^31 of the answer.</param>
    /// <param name="source">The extended source sequence number.</param>
    /// <param name="placement">How it was sent.</param>
    public bool TryFind(long sent, long near, out long source, out Placement placement)
    {
        for (var i = 1; i <= Math.Min(_next, Capacity); i++)
        {
            ref var run = ref _runs[(_next - i) & (Capacity - 1)];
            var into = (int)((uint)sent - run.Sent);
            if (into < 0) continue;
            source = Extend(run.Source + (uint)into, near);
            placement = run.Place(sent);
            return true;
        }

        (source, placement) = (0, default);
        return false;
    }

    private static long Extend(uint low, long near) => near + (int)(low - (uint)near);

    private readonly record struct Run(uint Source, uint Sent, uint TimestampOffset, ushort PictureIdOffset, LayerSelection Selection)
    {
        public Placement Place(long sent) => new(sent, TimestampOffset, PictureIdOffset, Selection);
    }
}
