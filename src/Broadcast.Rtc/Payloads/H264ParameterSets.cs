using System.Buffers.Binary;
using Broadcast.Rtc.Sdp;

namespace Broadcast.Rtc.Payloads;

/// <summary>The parameter sets of one H.264 source: by them a decoder can begin at an IDR picture that comes without (RFC 6184 §8.4).</summary>
/// <remarks>Immutable, so that it can be handed from thread to thread; a change makes another one.</remarks>
public sealed class H264ParameterSets
{
    /// <summary>Longest set that is kept, in bytes.</summary>
    public const int MaxSetLength = 4096;

    /// <summary>Longest payload that is made of them: leaves room for headers and tags in a datagram of 1,200 bytes and more.</summary>
    public const int MaxStapLength = 1100;

    /// <summary>libwebrtc never completes a frame with a packet of ten units or more.</summary>
    public const int MaxSets = 8;

    private const int Sps = 7;
    private const int Pps = 8;
    private const byte StapA = 24;
    private const int SequenceIdOffset = 24; // bits: profile, constraint flags, level
    private const int MaxTextLength = 16 * 1024;

    private readonly (int Type, uint Id, byte[] Unit)[] _sets;

    private H264ParameterSets((int Type, uint Id, byte[] Unit)[] sets)
    {
        _sets = sets;
        StapAPayload = BuildStap(sets);
    }

    /// <summary>None known.</summary>
    public static H264ParameterSets None { get; } = new([]);

    /// <summary>True when nothing is known.</summary>
    public bool IsEmpty => _sets.Length == 0;

    /// <summary>All of them in one RTP payload, SPS first; empty unless there are both kinds and they fit one packet.</summary>
    public ReadOnlyMemory<byte> StapAPayload { get; }

    /// <summary>Reads <c>sprop-parameter-sets</c> (RFC 6184 §8.1).</summary>
    /// <param name="formatParameters">The value of a=fmtp; what is not base64 or not a parameter set is passed over.</param>
    public static H264ParameterSets FromFormatParameters(ReadOnlySpan<char> formatParameters)
    {
        var sets = None;
        if (!FormatParameters.TryGet(formatParameters, "sprop-parameter-sets", out var list) || list.Length > MaxTextLength) return sets;
        var unit = new byte[MaxSetLength];
        foreach (var range in list.Split(','))
        {
            if (Convert.TryFromBase64Chars(list[range].Trim(), unit, out var length) && length > 1) sets = sets.With(unit.AsSpan(0, length));
        }

        return sets;
    }

    /// <summary>True when a payload may hold whole parameter sets: one look at the first byte.</summary>
    public static bool MayBeIn(ReadOnlySpan<byte> payload) => !payload.IsEmpty && (payload[0] & 0x1F) is Sps or Pps or StapA;

    /// <summary>These sets and those that a payload holds.</summary>
    /// <param name="payload">A single unit or a STAP-A; sets in fragments are left out.</param>
    /// <returns>This very object when the payload brings nothing new.</returns>
    public H264ParameterSets With(ReadOnlySpan<byte> payload)
    {
        var sets = this;
        if (!MayBeIn(payload)) return sets;
        var reader = new H264NalUnitReader(payload);
        while (reader.TryRead(out var unit))
        {
            if (unit.Type is Sps or Pps) sets = sets.With(unit);
        }

        return sets;
    }

    /// <summary>The sequence parameter set that a slice of a picture uses.</summary>
    /// <param name="slice">The NAL unit after its header.</param>
    /// <param name="sequence">The whole NAL unit.</param>
    /// <returns>False when one of the two sets is not known.</returns>
    internal bool TryFindSequence(ReadOnlySpan<byte> slice, out ReadOnlySpan<byte> sequence)
    {
        sequence = default;
        var reader = new BitReader(slice, emulationPrevention: true);
        reader.ReadExponentialGolomb(); // first_mb_in_slice
        reader.ReadExponentialGolomb(); // slice_type
        var picture = IndexOf(Pps, reader.ReadExponentialGolomb());
        if (reader.IsExhausted || picture < 0) return false;

        reader = new BitReader(_sets[picture].Unit.AsSpan(1), emulationPrevention: true);
        reader.ReadExponentialGolomb();
        var index = IndexOf(Sps, reader.ReadExponentialGolomb());
        if (reader.IsExhausted || index < 0) return false;
        sequence = _sets[index].Unit;
        return true;
    }

    /// <summary>All sequence parameter sets, or all picture parameter sets.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Units(bool ofSequence)
    {
        foreach (var (type, _, unit) in _sets)
        {
            if (type == (ofSequence ? Sps : Pps)) yield return unit;
        }
    }

    private H264ParameterSets With(in NalUnit unit)
    {
        var length = unit.Body.Length + 1;
        if (length > MaxSetLength || !TryReadId(unit, out var id)) return this;
        var index = IndexOf(unit.Type, id);
        if (index < 0 && _sets.Length == MaxSets) return this;
        if (index >= 0 && _sets[index].Unit.Length == length && _sets[index].Unit[0] == (byte)unit.Header && unit.Body.SequenceEqual(_sets[index].Unit.AsSpan(1))) return this;

        var bytes = new byte[length];
        bytes[0] = (byte)unit.Header;
        unit.Body.CopyTo(bytes.AsSpan(1));
        var changed = index >= 0 ? ((int, uint, byte[])[])_sets.Clone() : [.. _sets, default];
        changed[index >= 0 ? index : ^1] = (unit.Type, id, bytes);
        return new H264ParameterSets(changed);
    }

    private int IndexOf(int type, uint id)
    {
        for (var i = 0; i < _sets.Length; i++)
        {
            if (_sets[i].Type == type && _sets[i].Id == id) return i;
        }

        return -1;
    }

    private static bool TryReadId(in NalUnit unit, out uint id)
    {
        var reader = new BitReader(unit.Body, emulationPrevention: true);
        if (unit.Type == Sps) reader.Skip(SequenceIdOffset);
        id = reader.ReadExponentialGolomb();
        return !reader.IsExhausted && id <= (unit.Type == Sps ? 31u : 255u);
    }

    private static byte[] BuildStap((int Type, uint Id, byte[] Unit)[] sets)
    {
        var length = 1 + sets.Sum(set => 2 + set.Unit.Length);
        if (length > MaxStapLength || !sets.Any(set => set.Type == Sps) || !sets.Any(set => set.Type == Pps)) return [];
        var payload = new byte[length];

        // The highest NRI of the units inside (RFC 6184 §5.7).
        payload[0] = (byte)(StapA | sets.Max(set => set.Unit[0] & 0x60));
        var rest = payload.AsSpan(1);
        foreach (var (_, _, unit) in sets.OrderBy(set => set.Type))
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)unit.Length);
            unit.CopyTo(rest[2..]);
            rest = rest[(2 + unit.Length)..];
        }

        return payload;
    }
}
