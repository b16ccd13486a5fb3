using System.Runtime.CompilerServices;

namespace Broadcast.Media.Rewrite;

/// <summary>The last few <see cref="SourceMapping"/>s of a viewer's stream, so that a NACK for a packet sent before a switch still finds its source.</summary>
public struct MappingHistory
{
    private const int Capacity = 4;

    private Mappings _mappings;
    private int _count;

    /// <summary>The mapping in force; meaningless while <see cref="IsEmpty"/>.</summary>
    public readonly SourceMapping Current => _mappings[(_count - 1) & (Capacity - 1)];

    /// <summary>True before the first anchor.</summary>
    public readonly bool IsEmpty => _count == 0;

    /// <summary>Begins a new stretch; the oldest one is forgotten.</summary>
    /// <param name="mapping">The new stretch.</param>
    /// <param name="lastSent">Highest number sent so far: one left unused after it belongs to no stretch.</param>
    public void Begin(in SourceMapping mapping, long lastSent)
    {
        if (_count > 0)
        {
            ref var previous = ref _mappings[(_count - 1) & (Capacity - 1)];
            previous = previous with { LastSent = lastSent };
        }

        _mappings[_count & (Capacity - 1)] = mapping;
        _count = _count + 1 >= Capacity * 2 ? Capacity : _count + 1;
    }

    /// <summary>Notes that the mapping in force is no longer one of constant offsets.</summary>
    public void MarkRuns()
    {
        ref var current = ref _mappings[(_count - 1) & (Capacity - 1)];
        current = current with { HasRuns = true };
    }

    /// <summary>Finds the stretch that a sent sequence number belongs to.</summary>
    public readonly bool TryFind(long sent, out SourceMapping mapping)
    {
        for (var i = 1; i <= Math.Min(_count, Capacity); i++)
        {
            mapping = _mappings[(_count - i) & (Capacity - 1)];
            if (sent >= mapping.FirstSent) return sent <= mapping.LastSent;
        }

        mapping = default;
        return false;
    }

    [InlineArray(Capacity)]
    private struct Mappings
    {
        private SourceMapping _first;
    }
}
