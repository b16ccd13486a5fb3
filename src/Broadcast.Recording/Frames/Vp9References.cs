using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>What must be known of a VP9 frame to hide it.</summary>
/// <param name="Bits">Length of the uncompressed header without the bits that fill its last byte.</param>
/// <param name="ShownAt">Place of <c>show_frame</c> among them.</param>
/// <param name="IsKeyframe">So it has no <c>intra_only</c>, shown or not.</param>
/// <param name="IsShown">It is a picture for people.</param>
/// <param name="IsResilient">It uses no motion vectors of the frame before.</param>
/// <param name="Size">Of its picture.</param>
internal readonly record struct Vp9Header(int Bits, int ShownAt, bool IsKeyframe, bool IsShown, bool IsResilient, FrameSize Size);

/// <summary>Reads uncompressed headers of VP9 to their end (VP9 bitstream specification §6.2), for which it keeps the sizes of the reference pictures.</summary>
/// <remarks>It must see every frame from a keyframe on. Owned by one assembler.</remarks>
internal sealed class Vp9References
{
    private const int Slots = 8;
    private const int ReferencesOfFrame = 3;
    private const uint FrameMarker = 2;
    private const int SyncCodeBits = 24;
    private const uint ColorSpaceRgb = 7;
    private const int SmallestTileSuperblocks = 4;
    private const int LargestTileSuperblocks = 64;

    /// <summary>Bits of the values of a segment, and whether a sign follows (§6.2.11).</summary>
    private static readonly (int Bits, bool IsSigned)[] SegmentFeatures = [(8, true), (6, true), (2, false), (0, false)];

    private readonly FrameSize[] _sizes = new FrameSize[Slots];

    /// <summary>Reads a header and notes which reference pictures the frame replaces.</summary>
    /// <returns>False when it shows a picture again, which has no more to it, or cannot be read.</returns>
    public bool TryRead(ReadOnlySpan<byte> frame, out Vp9Header header)
    {
        header = default;
        var reader = new BitReader(frame, emulationPrevention: false);
        if (reader.Read(2) != FrameMarker) return false;
        var profile = (int)(reader.Read(1) | (reader.Read(1) << 1));
        if (profile == 3) reader.Skip(1);
        if (reader.ReadFlag()) return false;

        var isKeyframe = !reader.ReadFlag();
        var shownAt = reader.Position;
        var isShown = reader.ReadFlag();
        var isResilient = reader.ReadFlag();
        var isIntra = isKeyframe || (!isShown && reader.ReadFlag());
        if (!isKeyframe && !isResilient) reader.Skip(2); // reset_frame_context
        var replaced = 0xFFu;
        FrameSize size;
        if (isIntra)
        {
            reader.Skip(SyncCodeBits);
            if (isKeyframe || profile > 0) SkipColors(ref reader, profile);
            if (!isKeyframe) replaced = reader.Read(8);
            size = ReadSize(ref reader);
            SkipRenderSize(ref reader);
        }
        else
        {
            replaced = reader.Read(8);
            size = ReadPredicted(ref reader);
        }

        if (!isResilient) reader.Skip(2); // refresh_frame_context, frame_parallel_decoding_mode
        reader.Skip(2); // frame_context_idx
        SkipLoopFilter(ref reader);
        SkipQuantization(ref reader);
        SkipSegmentation(ref reader);
        SkipTiles(ref reader, size.Width);
        reader.Skip(16); // header_size_in_bytes
        if (reader.IsExhausted || !size.IsKnown) return false;

        for (var slot = 0; slot < Slots; slot++)
        {
            if ((replaced & (1u << slot)) != 0) _sizes[slot] = size;
        }

        header = new Vp9Header(reader.Position, shownAt, isKeyframe, isShown, isResilient, size);
        return true;
    }

    private static void SkipColors(ref BitReader reader, int profile)
    {
        if (profile >= 2) reader.Skip(1); // bit depth
        if (reader.Read(3) != ColorSpaceRgb) reader.Skip(profile is 1 or 3 ? 4 : 1);
        else if (profile is 1 or 3) reader.Skip(1);
    }

    private static FrameSize ReadSize(ref BitReader reader)
    {
        var width = reader.Read(16) + 1;
        return FrameSize.From(width, reader.Read(16) + 1);
    }

    private static void SkipRenderSize(ref BitReader reader)
    {
        if (reader.ReadFlag()) reader.Skip(32);
    }

    private FrameSize ReadPredicted(ref BitReader reader)
    {
        Span<int> references = stackalloc int[ReferencesOfFrame];
        foreach (ref var reference in references)
        {
            reference = (int)reader.Read(3);
            reader.Skip(1); // sign bias
        }

        var size = ReadSizeOfOneOf(ref reader, references);
        SkipRenderSize(ref reader);
        reader.Skip(1); // high precision of motion vectors
        if (!reader.ReadFlag()) reader.Skip(2); // interpolation filter
        return size;
    }

    private FrameSize ReadSizeOfOneOf(ref BitReader reader, scoped ReadOnlySpan<int> references)
    {
        foreach (var reference in references)
        {
            if (reader.ReadFlag()) return _sizes[reference];
        }

        return ReadSize(ref reader);
    }

    private static void SkipLoopFilter(ref BitReader reader)
    {
        const int Deltas = 4 + 2; // of references and of modes
        reader.Skip(6 + 3);
        if (!reader.ReadFlag() || !reader.ReadFlag()) return;
        for (var i = 0; i < Deltas; i++)
        {
            if (reader.ReadFlag()) reader.Skip(7);
        }
    }

    private static void SkipQuantization(ref BitReader reader)
    {
        const int Deltas = 3;
        reader.Skip(8);
        for (var i = 0; i < Deltas; i++)
        {
            if (reader.ReadFlag()) reader.Skip(5);
        }
    }

    private static void SkipSegmentation(ref BitReader reader)
    {
        const int Segments = 8;
        if (!reader.ReadFlag()) return;
        if (reader.ReadFlag()) SkipSegmentMap(ref reader);
        if (!reader.ReadFlag()) return;
        reader.Skip(1); // values instead of differences
        for (var segment = 0; segment < Segments; segment++)
        {
            foreach (var (bits, isSigned) in SegmentFeatures)
            {
                if (reader.ReadFlag()) reader.Skip(bits + (isSigned ? 1 : 0));
            }
        }
    }

    private static void SkipSegmentMap(ref BitReader reader)
    {
        SkipProbabilities(ref reader, 7);
        if (reader.ReadFlag()) SkipProbabilities(ref reader, 3); // predicted from the map before
    }

    private static void SkipProbabilities(ref BitReader reader, int count)
    {
        for (; count > 0; count--)
        {
            if (reader.ReadFlag()) reader.Skip(8);
        }
    }

    /// <summary>Columns as the logarithm of their number: how far it may go depends on the width (§6.2.13).</summary>
    private static void SkipTiles(ref BitReader reader, int width)
    {
        var superblocks = (width + 63) / 64;
        var columns = 0;
        while (LargestTileSuperblocks << columns < superblocks) columns++;
        var most = 1;
        while (superblocks >> most >= SmallestTileSuperblocks) most++;
        for (most--; columns < most && reader.ReadFlag(); columns++)
        {
        }

        if (reader.ReadFlag()) reader.Skip(1); // rows
    }
}
