using System.Buffers.Binary;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>Copies a dependency descriptor for one viewer: with other frame numbers, and naming the decode targets this viewer gets.</summary>
/// <remarks>
/// A structure is never added: receivers take a frame that carries one for a keyframe. Bits are inserted without looking at what
/// follows them, so fields of the frame's own stay as they are (AV1 RTP specification, Appendix A.8.2).
/// </remarks>
public static class DependencyDescriptorRewriter
{
    /// <summary>By how many bytes the result may be longer than the source.</summary>
    public const int MaximumGrowth = 5;

    /// <summary>Writes the viewer's descriptor.</summary>
    /// <param name="source">The publisher's.</param>
    /// <param name="frameNumberOffset">Added to the frame number, modulo 2^16.</param>
    /// <param name="activeDecodeTargets">
    /// Decode targets to name as active, usually by <see cref="DependencyStructure.ActiveWithin"/>; 0 leaves the descriptor's own
    /// word. They go into any descriptor, so ask for them with the structure and after a change, not for every packet.
    /// </param>
    /// <param name="decodeTargetCount">
    /// How many targets the structure in force has, 1 to 32. When the source carries a structure with another count, or one that is
    /// not understood, or ends too early, its decode targets stay as they are.
    /// </param>
    /// <param name="destination">Does not overlap the source; <see cref="MaximumGrowth"/> bytes more than that always suffice.</param>
    /// <returns>The bytes written; 0 when the source is no descriptor or the result does not fit.</returns>
    public static int Rewrite(
        ReadOnlySpan<byte> source, ushort frameNumberOffset, uint activeDecodeTargets, int decodeTargetCount, Span<byte> destination)
    {
        if (source.Length < DependencyDescriptorView.MandatoryLength) return 0;
        var length = source.Length;
        if (activeDecodeTargets == 0 || !TryWriteActive(source, activeDecodeTargets, decodeTargetCount, destination, ref length))
        {
            if (destination.Length < length) return 0;
            source.CopyTo(destination);
        }
        else if (length == 0)
        {
            return 0;
        }

        var frameNumber = BinaryPrimitives.ReadUInt16BigEndian(source[1..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)(frameNumber + frameNumberOffset));
        return length;
    }

    /// <summary>Copies with the active decode targets replaced or inserted.</summary>
    /// <param name="length">Of the result; 0 when that does not fit the destination.</param>
    /// <returns>False, with nothing written, when they have no place in this descriptor.</returns>
    private static bool TryWriteActive(ReadOnlySpan<byte> source, uint active, int count, Span<byte> destination, ref int length)
    {
        if (count is < 1 or > 32) return false;

        // :: Step 1: where they are, or belong
        const int extension = DependencyDescriptorView.MandatoryLength;
        int flags = 0, start = (extension * 8) + DependencySyntax.FlagBits, end = start, sourceBits = start;
        if (source.Length > extension)
        {
            flags = source[extension];
            sourceBits = source.Length * 8;
            if ((flags & DependencySyntax.StructureFlag) != 0)
            {
                if (!DependencySyntax.TryFindStructure(source, out var structure, out start) || structure.DecodeTargetCount != count) return false;
            }

            end = (flags & DependencySyntax.ActiveTargetsFlag) != 0 ? start + count : start;
            if (end > sourceBits) return false;
        }

        // :: Step 2: before, between, behind
        var bits = sourceBits - (end - start) + count;
        length = (bits + 7) / 8;
        if (destination.Length < length)
        {
            length = 0;
            return true;
        }

        destination = destination[..length];
        var wholeBytes = Math.Min(start / 8, source.Length);
        source[..wholeBytes].CopyTo(destination);
        destination[wholeBytes..].Clear();
        if (source.Length > extension) CopyBits(source, wholeBytes * 8, destination, wholeBytes * 8, start - (wholeBytes * 8));
        destination[extension] |= DependencySyntax.ActiveTargetsFlag;
        for (var target = 0; target < count; target++)
        {
            // The bitmask is one number, most significant bit first: the highest target comes first.
            if ((active >> (count - 1 - target) & 1) != 0) SetBit(destination, start + target);
        }

        CopyBits(source, end, destination, start + count, sourceBits - end);
        return true;
    }

    /// <summary>Few bits at a time: what stands behind the active decode targets is short. The destination is clear.</summary>
    private static void CopyBits(ReadOnlySpan<byte> source, int from, Span<byte> destination, int to, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var bit = from + i;
            if ((source[bit >> 3] & (0x80 >> (bit & 7))) != 0) SetBit(destination, to + i);
        }
    }

    private static void SetBit(Span<byte> destination, int bit) => destination[bit >> 3] |= (byte)(0x80 >> (bit & 7));
}
