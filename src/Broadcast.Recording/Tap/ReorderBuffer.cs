using Broadcast.Rtc;

namespace Broadcast.Recording.Tap;

/// <summary>What goes with a packet's payload.</summary>
/// <param name="Timestamp">Of RTP.</param>
/// <param name="Marker">Of RTP.</param>
/// <param name="LacksParameterSets">A decoder can begin here only if it has them already.</param>
/// <param name="Arrival">When it came.</param>
internal readonly record struct PacketHead(uint Timestamp, bool Marker, bool LacksParameterSets, MonotonicTime Arrival);

/// <summary>Puts packets back in order, and waits for missing ones longer than anybody asks for them.</summary>
/// <remarks>
/// Bounded in packets and time: what is beyond counts as lost. Payloads are kept in buffers that are used again and again.
/// Owned by one thread; no clock.
/// </remarks>
internal sealed class ReorderBuffer
{
    /// <summary>How long a hole is waited for: the publisher is asked for up to 2 s (<see cref="Media.Receive.NackGenerator.MaxPatience"/>), and the last answer is under way.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2500);

    /// <summary>The most that is waited with: 2.5 s of 80 Mbit/s.</summary>
    public const int MaxPackets = 16_384;

    /// <summary>The most bytes of payload that are waited with.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const int BufferLength = 1504;
    private const int MaxSpare = 256;

    private readonly Stack<byte[]> _spare = new();
    private Slot[] _slots = new Slot[256];
    private long _next = -1;
    private long _highest = -1;
    private long _bytes;
    private byte[]? _taken;

    /// <summary>Packets that are waiting.</summary>
    public int Count { get; private set; }

    /// <summary>True while packets wait for one that is missing.</summary>
    public bool HasHole => Count > 0 && !SlotOf(_next).IsUsed;

    /// <summary>Packets that never came.</summary>
    public long Lost { get; private set; }

    /// <summary>Finds a place for a packet.</summary>
    /// <param name="sequence">Extended sequence number.</param>
    /// <returns>False when it comes too late, or was there before.</returns>
    public bool IsWanted(long sequence) => _next < 0 || (sequence >= _next && !(sequence <= _highest && SlotOf(sequence).IsUsed && SlotOf(sequence).Sequence == sequence));

    /// <summary>True while a packet can be added without giving up a hole.</summary>
    public bool HasRoomFor(long sequence) => _next < 0 || Count == 0 || (sequence - _next < MaxPackets && _bytes < MaxBytes);

    /// <summary>Adds a packet that <see cref="IsWanted"/> and for which there <see cref="HasRoomFor">is room</see>.</summary>
    /// <returns>Where its payload is to be put.</returns>
    public Span<byte> Add(long sequence, in PacketHead head, int length, MonotonicTime now)
    {
        if (_next < 0) (_next, _highest) = (sequence, sequence - 1);

        // Nothing waits and much is missing: that is one hole, which waits with this packet.
        if (Count == 0 && sequence - _next >= MaxPackets)
        {
            Lost += sequence - _next;
            _next = sequence;
            IsAfterLoss = true;
        }

        while (sequence - _next >= _slots.Length) Grow();
        ref var slot = ref SlotOf(sequence);
        slot = new Slot(sequence, head, length, now, _spare.TryPop(out var spare) && spare.Length >= length ? spare : new byte[Math.Max(BufferLength, length)]);
        _highest = Math.Max(_highest, sequence);
        _bytes += length;
        Count++;
        return slot.Data.AsSpan(0, length);
    }

    /// <summary>True when packets are missing before the one that comes next.</summary>
    public bool IsAfterLoss { get; private set; }

    /// <summary>The next packet in order, which stays.</summary>
    /// <param name="now">Present time.</param>
    /// <param name="force">True to give up the hole in front.</param>
    /// <param name="head">Of it.</param>
    /// <param name="payload">Valid until the next call of <see cref="Add"/> or <see cref="Remove"/>.</param>
    public bool TryPeek(MonotonicTime now, bool force, out PacketHead head, out ReadOnlySpan<byte> payload)
    {
        head = default;
        payload = default;
        if (Count == 0) return false;
        if (!SlotOf(_next).IsUsed)
        {
            var after = _next + 1;
            while (!SlotOf(after).IsUsed) after++;
            if (!force && now - SlotOf(after).ReadAt < Patience) return false;
            Lost += after - _next;
            _next = after;
            IsAfterLoss = true;
        }

        ref var slot = ref SlotOf(_next);
        head = slot.Head;
        payload = slot.Data.AsSpan(0, slot.Length);
        return true;
    }

    /// <summary>Takes away what <see cref="TryPeek"/> gave.</summary>
    public void Remove()
    {
        ref var slot = ref SlotOf(_next);
        if (_taken is not null && _spare.Count < MaxSpare) _spare.Push(_taken);
        _taken = slot.Data;
        _bytes -= slot.Length;
        slot = default;
        _next++;
        Count--;
        IsAfterLoss = false;
    }

    private ref Slot SlotOf(long sequence) => ref _slots[sequence & (_slots.Length - 1)];

    private void Grow()
    {
        var old = _slots;
        _slots = new Slot[old.Length * 2];
        foreach (var slot in old)
        {
            if (slot.IsUsed) SlotOf(slot.Sequence) = slot;
        }
    }

    private record struct Slot(long Sequence, PacketHead Head, int Length, MonotonicTime ReadAt, byte[] Data)
    {
        public readonly bool IsUsed => Data is not null;
    }
}
