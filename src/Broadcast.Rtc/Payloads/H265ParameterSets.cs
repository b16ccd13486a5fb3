using Broadcast.Rtc.Sdp;

namespace Broadcast.Rtc.Payloads;

/// <summary>The parameter sets of one H.265 source (RFC 7798 §7.1).</summary>
/// <remarks>Immutable; a change makes another one.</remarks>
internal sealed class H265ParameterSets
{
    /// <summary>Longest set that is kept, in bytes.</summary>
    public const int MaxSetLength = 4096;

    /// <summary>More are never in use at once.</summary>
    public const int MaxSets = 12;

    private const int HeaderLength = 2;
    private const int Vps = 32;
    private const int Sps = 33;
    private const int Pps = 34;
    private const int MaxTextLength = 16 * 1024;

    private readonly (int Type, uint Id, byte[] Unit)[] _sets;

    private H265ParameterSets((int Type, uint Id, byte[] Unit)[] sets) => _sets = sets;

    /// <summary>None known.</summary>
    public static H265ParameterSets None { get; } = new([]);

    /// <summary>Reads <c>sprop-vps</c>, <c>sprop-sps</c> and <c>sprop-pps</c>.</summary>
    /// <param name="formatParameters">The value of a=fmtp; what is not base64 or not a parameter set is passed over.</param>
    public static H265ParameterSets FromFormatParameters(ReadOnlySpan<char> formatParameters)
    {
        var sets = None;
        var unit = new byte[MaxSetLength];
        foreach (var name in (ReadOnlySpan<string>)["sprop-vps", "sprop-sps", "sprop-pps"])
        {
            if (!FormatParameters.TryGet(formatParameters, name, out var list) || list.Length > MaxTextLength) continue;
            foreach (var range in list.Split(','))
            {
                if (Convert.TryFromBase64Chars(list[range].Trim(), unit, out var length)) sets = sets.With(unit.AsSpan(0, length));
            }
        }

        return sets;
    }

    /// <summary>These sets and one more.</summary>
    /// <param name="unit">A whole NAL unit.</param>
    /// <returns>This very object when it brings nothing new.</returns>
    public H265ParameterSets With(ReadOnlySpan<byte> unit)
    {
        if (unit.Length is <= HeaderLength or > MaxSetLength) return this;
        var type = (unit[0] >> 1) & 0x3F;
        if (type is < Vps or > Pps || !TryReadId(type, unit[HeaderLength..], out var id)) return this;
        var index = IndexOf(type, id);
        if (index < 0 ? _sets.Length == MaxSets : unit.SequenceEqual(_sets[index].Unit)) return this;

        var changed = index >= 0 ? ((int, uint, byte[])[])_sets.Clone() : [.. _sets, default];
        changed[index >= 0 ? index : ^1] = (type, id, unit.ToArray());
        return new H265ParameterSets(changed);
    }

    /// <summary>The sequence parameter set that a picture uses, if the video parameter set is known as well.</summary>
    /// <param name="slice">First slice of a random access point, after the NAL unit's header.</param>
    /// <param name="sequence">The whole NAL unit.</param>
    public bool TryFindSequence(ReadOnlySpan<byte> slice, out ReadOnlySpan<byte> sequence)
    {
        sequence = default;
        var reader = new BitReader(slice, emulationPrevention: true);
        reader.Skip(2); // first_slice_segment_in_pic_flag, no_output_of_prior_pics_flag
        var picture = IndexOf(Pps, reader.ReadExponentialGolomb());
        if (reader.IsExhausted || picture < 0) return false;

        reader = new BitReader(_sets[picture].Unit.AsSpan(HeaderLength), emulationPrevention: true);
        reader.ReadExponentialGolomb();
        var index = IndexOf(Sps, reader.ReadExponentialGolomb());
        if (reader.IsExhausted || index < 0) return false;
        sequence = _sets[index].Unit;
        return IndexOf(Vps, (uint)(sequence[HeaderLength] >> 4)) >= 0;
    }

    /// <summary>All sets of a type.</summary>
    /// <param name="type">nal_unit_type.</param>
    public IEnumerable<ReadOnlyMemory<byte>> Units(int type)
    {
        foreach (var set in _sets)
        {
            if (set.Type == type) yield return set.Unit;
        }
    }

    private int IndexOf(int type, uint id)
    {
        for (var i = 0; i < _sets.Length; i++)
        {
            if (_sets[i].Type == type && _sets[i].Id == id) return i;
        }

        return -1;
    }

    private static bool TryReadId(int type, ReadOnlySpan<byte> body, out uint id)
    {
        id = 0;
        if (type == Sps)
        {
            if (!H265SequenceParameterSet.TryRead(body, out var sequence)) return false;
            id = sequence.Id;
            return id <= 15;
        }

        var reader = new BitReader(body, emulationPrevention: true);
        id = type == Vps ? reader.Read(4) : reader.ReadExponentialGolomb();
        return !reader.IsExhausted && id <= 63;
    }
}
