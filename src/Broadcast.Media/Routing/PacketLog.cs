using System.Diagnostics;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Routing;

/// <summary>What a packet means to those who forward it.</summary>
[Flags]
public enum PacketFlags : byte
{
    /// <summary>An ordinary packet.</summary>
    None = 0,

    /// <summary>RTP marker bit: the last packet of a frame, or the start of a talk spurt.</summary>
    Marker = 1,

    /// <summary>The first packet of a random-access point; forwarding may begin here.</summary>
    StartsKeyframe = 2,

    /// <summary>The first packet of a frame.</summary>
    StartsFrame = 4,

    /// <summary>Carries no media; it only keeps the sequence contiguous.</summary>
    PaddingOnly = 8,

    /// <summary>Arrived by retransmission or out of order.</summary>
    Late = 16,

    /// <summary>An H.264 IDR picture begins, and no SPS came with it.</summary>
    LacksParameterSets = 32,
}

/// <summary>Where one cached packet lies. A value, valid until the log has gone on by its capacity.</summary>
public readonly record struct LoggedPacket(
    long ExtendedSequenceNumber,
    long DataOffset,
    MonotonicTime ReceivedAt,
    uint Timestamp,
    ushort ExtensionLength,
    ushort PayloadLength,
    PacketFlags Flags,
    LayerMarks Layers)
{
    /// <summary>True for the last packet of a frame.</summary>
    public bool Marker => (Flags & PacketFlags.Marker) != 0;

    /// <summary>True where a decoder can begin.</summary>
    public bool StartsKeyframe => (Flags & PacketFlags.StartsKeyframe) != 0;

    /// <summary>True for the first packet of a frame.</summary>
    public bool StartsFrame => (Flags & PacketFlags.StartsFrame) != 0;

    /// <summary>True when newer packets came before it.</summary>
    public bool IsLate => (Flags & PacketFlags.Late) != 0;

    /// <summary>True where a decoder can begin only if it has the parameter sets already.</summary>
    public bool LacksParameterSets => (Flags & PacketFlags.LacksParameterSets) != 0;

    /// <summary>True when it carries no media.</summary>
    public bool PaddingOnly => (Flags & PacketFlags.PaddingOnly) != 0;
}

/// <summary>
/// The recent packets of one source layer in order of arrival: the live feed, the retransmission ring and the join cache in one.
/// </summary>
/// <remarks>
/// <para>One writer (the publisher's worker), any number of readers on other threads, no locks and no reference counts:
/// a reader copies a packet out and then asks whether it was still intact.
/// The writer raises <c>_floor</c> before it overwrites anything, so a reader that still sees its position above the floor
/// after copying has copied whole bytes.</para>
/// <para>Each record holds the forwardable header extensions in canonical form, then the payload without padding.
/// Memory is bitrate × window: 1 MB holds 2 s of 4 Mbit/s. It doubles, up to the limit, while it holds less than the window,
/// or less than what came since the last keyframe, if that is no older than <see cref="JoinWindow"/>.</para>
/// </remarks>
public sealed class PacketLog
{
    /// <summary>The largest record accepted: one Ethernet frame.</summary>
    public const int MaxRecordLength = 1500;

    /// <summary>Packets a log should keep in time: a retransmission asked for later comes too late.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    /// <summary>Packets since the last keyframe are kept this long: newcomers begin with them.</summary>
    public static readonly TimeSpan JoinWindow = TimeSpan.FromSeconds(6);

    private const int MinEntries = 256;

    private readonly int _maxBytes;
    private Storage _storage;
    private long _head;
    private long _floor;
    private long _dataHead;

    /// <summary>Creates a log that starts with <paramref name="initialBytes"/> and may double up to <paramref name="maxBytes"/> (both powers of two, ≥ 16 KB).</summary>
    public PacketLog(int initialBytes, int maxBytes)
    {
        if (!int.IsPow2(initialBytes) || initialBytes < 16 * 1024) throw new ArgumentOutOfRangeException(nameof(initialBytes));
        if (!int.IsPow2(maxBytes) || maxBytes < initialBytes) throw new ArgumentOutOfRangeException(nameof(maxBytes));
        _maxBytes = maxBytes;
        _storage = new Storage(initialBytes);
    }

    /// <summary>Position one past the newest packet. Safe from any thread.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Position of the oldest packet that is still whole. Safe from any thread.</summary>
    public long Floor => Volatile.Read(ref _floor);

    /// <summary>Position of the packet from which a newcomer begins; −1 for none. Writer thread only.</summary>
    public long KeepFrom { get; set; } = -1;

    /// <summary>Bytes this log holds in memory.</summary>
    public int CapacityBytes => Volatile.Read(ref _storage).Data.Length;

    /// <summary>Adds a packet. Writer thread only.</summary>
    /// <returns>Its position, or -1 when it is longer than <see cref="MaxRecordLength"/>.</returns>
    public long Append(
        long extendedSequenceNumber,
        uint timestamp,
        PacketFlags flags,
        MonotonicTime receivedAt,
        ReadOnlySpan<byte> extensions,
        ReadOnlySpan<byte> payload,
        in LayerMarks layers = default)
    {
        var length = extensions.Length + payload.Length;
        if (length > MaxRecordLength) return -1;

        var storage = _storage;
        var offset = MakeRoom(ref storage, length, receivedAt);
        var position = _head;

        // The floor must be visible before the first overwritten byte is.
        Volatile.WriteBarrier();
        var record = storage.Data.AsSpan((int)(offset & storage.DataMask), length);
        extensions.CopyTo(record);
        payload.CopyTo(record[extensions.Length..]);
        storage.Entries[position & storage.EntryMask] = new LoggedPacket(
            extendedSequenceNumber, offset, receivedAt, timestamp, (ushort)extensions.Length, (ushort)payload.Length, flags, layers);
        storage.PositionOf[extendedSequenceNumber & storage.EntryMask] = position;

        _dataHead = offset + length;
        Volatile.Write(ref _head, position + 1);
        return position;
    }

    /// <summary>Reads where the packet at a position lies.</summary>
    /// <returns>False when it is gone or does not exist yet.</returns>
    public bool TryGet(long position, out LoggedPacket packet)
    {
        if (position >= Head)
        {
            packet = default;
            return false;
        }

        var storage = Volatile.Read(ref _storage);
        packet = storage.Entries[position & storage.EntryMask];
        Volatile.ReadBarrier();
        return position >= Volatile.Read(ref _floor);
    }

    /// <summary>Copies a packet's payload.</summary>
    /// <param name="position">As in <see cref="TryGet"/>.</param>
    /// <param name="packet">What <see cref="TryGet"/> gave for it.</param>
    /// <param name="destination">At least <c>PayloadLength</c> bytes.</param>
    /// <returns>False when the writer overtook the copy; the bytes must not be used.</returns>
    public bool TryCopyPayload(long position, in LoggedPacket packet, Span<byte> destination) =>
        TryCopy(position, packet.ExtensionLength, packet.PayloadLength, destination);

    /// <summary>Copies a packet's forwardable extensions in canonical form; otherwise as <see cref="TryCopyPayload"/>.</summary>
    public bool TryCopyExtensions(long position, in LoggedPacket packet, Span<byte> destination) =>
        TryCopy(position, 0, packet.ExtensionLength, destination);

    /// <summary>Finds the position of a sequence number.</summary>
    /// <returns>False when it never arrived or is gone.</returns>
    public bool TryFind(long extendedSequenceNumber, out long position, out LoggedPacket packet)
    {
        var storage = Volatile.Read(ref _storage);
        position = storage.PositionOf[extendedSequenceNumber & storage.EntryMask];
        return TryGet(position, out packet) && packet.ExtendedSequenceNumber == extendedSequenceNumber;
    }

    private bool TryCopy(long position, int from, int length, Span<byte> destination)
    {
        // The log may have moved into a larger storage since the entry was read: then the record lies elsewhere.
        var storage = Volatile.Read(ref _storage);
        var offset = storage.Entries[position & storage.EntryMask].DataOffset;
        var start = (int)(offset & storage.DataMask) + from;
        if (start + length > storage.Data.Length) return false;
        storage.Data.AsSpan(start, length).CopyTo(destination);
        Volatile.ReadBarrier();
        return position >= Volatile.Read(ref _floor);
    }

    /// <summary>Retires old packets until <paramref name="length"/> bytes and one entry are free; returns the offset of the new record.</summary>
    private long MakeRoom(ref Storage storage, int length, MonotonicTime now)
    {
        var offset = SkipWrap(storage, _dataHead, length);
        var floor = RetireFrom(storage, offset, length);
        if (floor > _floor && storage.Data.Length < _maxBytes && IsNeeded(storage, floor - 1, now))
        {
            storage = Grow(storage);
            offset = SkipWrap(storage, _dataHead, length);
            floor = RetireFrom(storage, offset, length);
        }

        Volatile.Write(ref _floor, floor);
        return offset;
    }

    private bool IsNeeded(Storage storage, long position, MonotonicTime now)
    {
        var age = now - storage.Entries[position & storage.EntryMask].ReceivedAt;
        return age < Window || (KeepFrom >= 0 && position >= KeepFrom && age < JoinWindow);
    }

    private static long SkipWrap(Storage storage, long dataHead, int length)
    {
        var inArena = dataHead & storage.DataMask;
        return inArena + length > storage.Data.Length ? dataHead + (storage.Data.Length - inArena) : dataHead;
    }

    private long RetireFrom(Storage storage, long offset, int length)
    {
        var floor = Math.Max(_floor, _head + 1 - storage.Entries.Length);
        var oldestData = offset + length - storage.Data.Length;
        while (floor < _head && storage.Entries[floor & storage.EntryMask].DataOffset < oldestData) floor++;
        return floor;
    }

    /// <summary>Copies what is alive into a storage of twice the size. Readers keep the old one until they have finished with it.</summary>
    private Storage Grow(Storage old)
    {
        var grown = new Storage(old.Data.Length * 2);
        var offset = 0L;
        for (var position = _floor; position < _head; position++)
        {
            var entry = old.Entries[position & old.EntryMask];
            var length = entry.ExtensionLength + entry.PayloadLength;
            offset = SkipWrap(grown, offset, length);
            old.Data.AsSpan((int)(entry.DataOffset & old.DataMask), length).CopyTo(grown.Data.AsSpan((int)(offset & grown.DataMask), length));
            grown.Entries[position & grown.EntryMask] = entry with { DataOffset = offset };
            grown.PositionOf[entry.ExtendedSequenceNumber & grown.EntryMask] = position;
            offset += length;
        }

        Debug.Assert(offset <= grown.Data.Length, "the live part of a full log fits into one of twice its size");
        _dataHead = offset;
        Volatile.Write(ref _storage, grown);
        return grown;
    }

    /// <summary>The arrays of one size. 512 bytes of data per entry suits video; audio has smaller packets and wastes data, not entries.</summary>
    private sealed class Storage
    {
        public readonly byte[] Data;
        public readonly LoggedPacket[] Entries;
        public readonly long[] PositionOf;

        public Storage(int bytes)
        {
            Data = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
            Entries = new LoggedPacket[Math.Max(MinEntries, bytes / 512)];
            PositionOf = new long[Entries.Length];
            Array.Fill(PositionOf, long.MaxValue);
        }

        public long DataMask => Data.Length - 1;

        public long EntryMask => Entries.Length - 1;
    }
}
