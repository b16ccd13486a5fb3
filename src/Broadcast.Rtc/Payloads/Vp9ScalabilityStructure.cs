using System.Buffers.Binary;

namespace Broadcast.Rtc.Payloads;

/// <summary>Which spatial layers a VP9 stream has (RFC 9628 §4.2.1); the picture group is stepped over.</summary>
/// <remarks>
/// <code>
/// | N_S |Y|G|-|-|-|
/// | WIDTH, HEIGHT  |  16 bits each, N_S + 1 times, if Y
/// |      N_G      |   if G
/// | TID |U| R |-|-|   N_G times
/// |    P_DIFF     |   R times
/// </code>
/// </remarks>
internal readonly record struct Vp9ScalabilityStructure(int Length, byte SpatialLayerCount, FrameSize LargestSize)
{
    public static DropReason TryParse(ReadOnlySpan<byte> data, out Vp9ScalabilityStructure structure)
    {
        structure = default;
        if (data.IsEmpty) return DropReason.PayloadTruncated;

        var layers = (data[0] >> 5) + 1;
        var hasSizes = (data[0] & 0x10) != 0;
        var hasGroup = (data[0] & 0x08) != 0;
        var position = 1;
        var largest = default(FrameSize);
        if (hasSizes)
        {
            if (data.Length < position + (layers * 4)) return DropReason.PayloadTruncated;
            for (var i = 0; i < layers; i++, position += 4)
            {
                var size = new FrameSize(
                    BinaryPrimitives.ReadUInt16BigEndian(data[position..]), BinaryPrimitives.ReadUInt16BigEndian(data[(position + 2)..]));
                if (size.Width * (long)size.Height >= largest.Width * (long)largest.Height) largest = size;
            }
        }

        if (hasGroup)
        {
            if (data.Length < position + 1) return DropReason.PayloadTruncated;
            for (int left = data[position++]; left > 0; left--)
            {
                if (data.Length < position + 1) return DropReason.PayloadTruncated;
                position += 1 + ((data[position] >> 2) & 3);
            }

            if (data.Length < position) return DropReason.PayloadTruncated;
        }

        structure = new Vp9ScalabilityStructure(position, (byte)layers, largest);
        return DropReason.None;
    }

    /// <summary>The size of one spatial layer, from a structure that was parsed before; unknown when it gives none.</summary>
    public static FrameSize SizeOf(ReadOnlySpan<byte> data, int spatialId)
    {
        if ((data[0] & 0x10) == 0 || spatialId > data[0] >> 5) return default;
        var size = data[(1 + (spatialId * 4))..];
        return new FrameSize(BinaryPrimitives.ReadUInt16BigEndian(size), BinaryPrimitives.ReadUInt16BigEndian(size[2..]));
    }
}
