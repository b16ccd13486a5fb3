using System.Buffers.Binary;
using System.Numerics;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>What a publisher says it is sending: active layers, their target bitrates and sizes
/// (libwebrtc docs/native-code/rtp-hdrext/video-layers-allocation00).</summary>
/// <remarks>
/// <code>
/// | stream index(2) | streams − 1 (2) | spatial bitmask(4), 0 = one per stream follows |
/// | bitmasks, 4 bits per stream, to a whole byte | only when the shared mask is 0
/// | temporal layers − 1, 2 bits per active spatial layer, to a whole byte |
/// | target kbit/s, leb128, per stream, spatial and temporal layer |
/// | width − 1 (16), height − 1 (16), frame rate (8) per active spatial layer | optional
/// </code>
/// </remarks>
public readonly record struct VideoLayersAllocation(byte StreamIndex, byte StreamCount, int LayerCount, bool HasSizes)
{
    /// <summary>Room that always suffices for the layers of one allocation.</summary>
    public const int MaximumLayers = 16;

    private const int SizeLength = 5;

    /// <summary>True when the publisher sends nothing on this SSRC (the single byte 0).</summary>
    public bool IsEmpty => LayerCount == 0;

    /// <summary>Reads an allocation.</summary>
    /// <param name="data">The extension's value.</param>
    /// <param name="layers">At least <see cref="MaximumLayers"/> entries; filled in ascending stream and spatial order.</param>
    /// <param name="allocation">How many entries are filled, and what they refer to.</param>
    /// <returns><see cref="DropReason.PayloadTruncated"/> or <see cref="DropReason.PayloadMalformed"/> for bad input.</returns>
    /// <exception cref="ArgumentException"><paramref name="layers"/> is too short.</exception>
    public static DropReason TryParse(ReadOnlySpan<byte> data, Span<VideoLayer> layers, out VideoLayersAllocation allocation)
    {
        if (layers.Length < MaximumLayers) throw new ArgumentException("Room for 16 layers is required.", nameof(layers));
        allocation = default;
        if (data.IsEmpty) return DropReason.PayloadTruncated;

        var streamIndex = (byte)(data[0] >> 6);
        var streamCount = (byte)(((data[0] >> 4) & 3) + 1);
        if (data.Length == 1 && data[0] == 0) return DropReason.None;

        // :: Step 1: which spatial layers each stream has
        var position = 1;
        var sharedMask = data[0] & 0x0F;
        var count = 0;
        var maskBytes = sharedMask != 0 ? 0 : (streamCount + 1) / 2;
        if (data.Length < position + maskBytes) return DropReason.PayloadTruncated;
        for (var stream = 0; stream < streamCount; stream++)
        {
            var mask = sharedMask;
            if (mask == 0)
            {
                var pair = data[position + (stream / 2)];
                mask = (stream & 1) == 0 ? pair >> 4 : pair & 0x0F;
            }

            for (; mask != 0; mask &= mask - 1)
            {
                layers[count++] = new VideoLayer { StreamIndex = (byte)stream, SpatialId = (byte)BitOperations.TrailingZeroCount(mask) };
            }
        }

        position += maskBytes;
        if (count == 0) return DropReason.PayloadMalformed;

        // :: Step 2: how many temporal layers each of them has
        var temporalBytes = (count + 3) / 4;
        if (data.Length < position + temporalBytes) return DropReason.PayloadTruncated;
        for (var i = 0; i < count; i++)
        {
            layers[i].TemporalLayerCount = (byte)(((data[position + (i / 4)] >> (6 - ((i & 3) * 2))) & 3) + 1);
        }

        position += temporalBytes;

        // :: Step 3: bitrates
        for (var i = 0; i < count; i++)
        {
            for (var temporal = 0; temporal < layers[i].TemporalLayerCount; temporal++)
            {
                if (!Leb128.TryRead(data, ref position, out var kilobitsPerSecond)) return DropReason.PayloadTruncated;
                layers[i].SetTarget(temporal, kilobitsPerSecond);
            }
        }

        // :: Step 4: sizes, present when exactly their bytes are left
        var hasSizes = data.Length - position == count * SizeLength;
        if (!hasSizes && position != data.Length) return DropReason.PayloadMalformed;
        for (var i = 0; hasSizes && i < count; i++, position += SizeLength)
        {
            layers[i].Width = Plus1(data[position..]);
            layers[i].Height = Plus1(data[(position + 2)..]);
            layers[i].MaximumFrameRate = data[position + 4];
        }

        allocation = new VideoLayersAllocation(streamIndex, streamCount, count, hasSizes);
        return DropReason.None;
    }

    private static ushort Plus1(ReadOnlySpan<byte> data) =>
        (ushort)Math.Min(BinaryPrimitives.ReadUInt16BigEndian(data) + 1, ushort.MaxValue);
}
