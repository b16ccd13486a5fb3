using Broadcast.Rtc.Tests.Payloads;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

/// <summary>Writes dependency descriptors (AV1 RTP specification, Appendix A.8.2) from the notation that its examples use.</summary>
internal sealed record DependencyStructures(int IdOffset, int Targets, int[] Protection, DependencyStructures.Template[] Templates, (int Width, int Height)[] Sizes)
{
    /// <param name="SpatialId">Templates are listed by ascending spatial, then temporal id.</param>
    /// <param name="TemporalId">See there.</param>
    /// <param name="Indications">One of "-DSR" per decode target.</param>
    /// <param name="FrameDifferences">To the frames it refers to.</param>
    /// <param name="ChainDifferences">One per chain.</param>
    public sealed record Template(int SpatialId, int TemporalId, string Indications, int[] FrameDifferences, int[] ChainDifferences);

    /// <summary>Three temporal layers, period of four frames.</summary>
    public static DependencyStructures L1T3 { get; } = new(
        10,
        3,
        [0, 0, 0],
        [
            new(0, 0, "SSS", [], [0]),
            new(0, 0, "SSS", [4], [4]),
            new(0, 1, "-DS", [2], [2]),
            new(0, 2, "--D", [1], [1]),
            new(0, 2, "--D", [1], [3]),
        ],
        [(640, 360)]);

    /// <summary>Three spatial layers that always refer to the one below.</summary>
    public static DependencyStructures L3T3 { get; } = new(
        0,
        9,
        [0, 0, 0, 1, 1, 1, 2, 2, 2],
        [
            new(0, 0, "SSSRRRRRR", [12], [12, 11, 10]),
            new(0, 0, "SSSSSSSSS", [], [0, 0, 0]),
            new(0, 1, "-DS-RR-RR", [6], [6, 5, 4]),
            new(0, 2, "--D--R--R", [3], [3, 2, 1]),
            new(0, 2, "--D--R--R", [3], [9, 8, 7]),
            new(1, 0, "---SSSRRR", [12, 1], [1, 1, 1]),
            new(1, 0, "---SSSSSS", [1], [1, 1, 1]),
            new(1, 1, "----DS-RR", [6, 1], [7, 6, 5]),
            new(1, 2, "-----D--R", [3, 1], [4, 3, 2]),
            new(1, 2, "-----D--R", [3, 1], [10, 9, 8]),
            new(2, 0, "------SSS", [12, 1], [2, 1, 1]),
            new(2, 0, "------SSS", [1], [2, 1, 1]),
            new(2, 1, "-------DS", [6, 1], [8, 7, 6]),
            new(2, 2, "--------D", [3, 1], [5, 4, 3]),
            new(2, 2, "--------D", [3, 1], [11, 10, 9]),
        ],
        [(320, 180), (640, 360), (1280, 720)]);

    /// <summary>Three spatial layers that refer to the one below at key pictures only.</summary>
    public static DependencyStructures L3T3Key { get; } = new(
        60,
        9,
        [0, 0, 0, 1, 1, 1, 2, 2, 2],
        [
            new(0, 0, "SSSSSSSSS", [], [0, 0, 0]),
            new(0, 0, "SSS------", [12], [12, 11, 10]),
            new(0, 1, "-DS------", [6], [6, 5, 4]),
            new(0, 2, "--D------", [3], [3, 2, 1]),
            new(1, 0, "---SSSSSS", [1], [1, 1, 1]),
            new(1, 0, "---SSS---", [12], [1, 12, 11]),
            new(1, 1, "----DS---", [6], [7, 6, 5]),
            new(1, 2, "-----D---", [3], [4, 3, 2]),
            new(2, 0, "------SSS", [1], [2, 1, 1]),
            new(2, 0, "------SSS", [12], [2, 1, 12]),
            new(2, 1, "-------DS", [6], [8, 7, 6]),
            new(2, 2, "--------D", [3], [5, 4, 3]),
        ],
        []);

    /// <summary>One descriptor.</summary>
    /// <param name="template">Index among <see cref="Templates"/>.</param>
    /// <param name="active">The active decode targets, when they are to be attached.</param>
    /// <param name="custom">Indications of the frame's own, one of "-DSR" per decode target.</param>
    /// <param name="customDifferences">Frame differences of the frame's own.</param>
    /// <param name="customChains">Chain differences of the frame's own.</param>
    public byte[] Descriptor(
        int template,
        ushort frame,
        bool start = true,
        bool end = true,
        bool structure = false,
        uint? active = null,
        string? custom = null,
        int[]? customDifferences = null,
        int[]? customChains = null)
    {
        var bits = new BitWriter();
        bits.Write(start ? 1u : 0, 1).Write(end ? 1u : 0, 1).Write((uint)((IdOffset + template) % 64), 6).Write(frame, 16);
        if (!structure && active is null && custom is null && customDifferences is null && customChains is null) return bits.ToArray();

        bits.Write(structure ? 1u : 0, 1).Write(active is null ? 0u : 1, 1).Write(custom is null ? 0u : 1, 1);
        bits.Write(customDifferences is null ? 0u : 1, 1).Write(customChains is null ? 0u : 1, 1);
        if (structure) WriteStructure(bits);
        if (active is { } mask) bits.Write(mask, Targets);
        if (custom is not null) WriteIndications(bits, custom);
        if (customDifferences is not null)
        {
            foreach (var difference in customDifferences)
            {
                var nibbles = difference - 1 < 16 ? 1 : difference - 1 < 256 ? 2 : 3;
                bits.Write((uint)nibbles, 2).Write((uint)difference - 1, 4 * nibbles);
            }

            bits.Write(0, 2);
        }

        foreach (var difference in customChains ?? []) bits.Write((uint)difference, 8);
        return bits.ToArray();
    }

    private void WriteStructure(BitWriter bits)
    {
        bits.Write((uint)IdOffset, 6).Write((uint)Targets - 1, 5);
        for (var i = 1; i <= Templates.Length; i++)
        {
            var before = Templates[i - 1];
            if (i == Templates.Length) bits.Write(3, 2);
            else if (Templates[i].SpatialId > before.SpatialId) bits.Write(2, 2);
            else bits.Write(Templates[i].TemporalId > before.TemporalId ? 1u : 0, 2);
        }

        foreach (var template in Templates) WriteIndications(bits, template.Indications);
        foreach (var template in Templates)
        {
            foreach (var difference in template.FrameDifferences) bits.Write(1, 1).Write((uint)difference - 1, 4);
            bits.Write(0, 1);
        }

        var chains = Templates[0].ChainDifferences.Length;
        WriteNonSymmetric(bits, chains, Targets + 1);
        if (chains > 0)
        {
            foreach (var chain in Protection) WriteNonSymmetric(bits, chain, chains);
            foreach (var template in Templates)
            {
                foreach (var difference in template.ChainDifferences) bits.Write((uint)difference, 4);
            }
        }

        bits.Write(Sizes.Length > 0 ? 1u : 0, 1);
        foreach (var (width, height) in Sizes) bits.Write((uint)width - 1, 16).Write((uint)height - 1, 16);
    }

    private static void WriteIndications(BitWriter bits, string indications)
    {
        foreach (var indication in indications) bits.Write((uint)"-DSR".IndexOf(indication, StringComparison.Ordinal), 2);
    }

    /// <summary>ns(n), by the table in AV1 §4.10.7: the first values take one bit less than the others.</summary>
    private static void WriteNonSymmetric(BitWriter bits, int value, int limit)
    {
        var width = 0;
        while (limit >> width != 0) width++;
        var shortValues = (1 << width) - limit;
        if (value < shortValues) bits.Write((uint)value, width - 1);
        else bits.Write((uint)(value + shortValues), width);
    }
}
