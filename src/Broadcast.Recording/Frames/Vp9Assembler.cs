using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Recording.Frames;

/// <summary>VP9 (RFC 9628): the spatial layers of a picture become one superframe (VP9 bitstream specification, Annex B), of which only the last is shown.</summary>
/// <remarks>
/// Encoders say of every layer that it is shown. Browsers take the last one of a superframe all the same; FFmpeg and what is built on it show
/// one picture after the other. So the lower ones get another header here; nothing that is decoded becomes another thing by that.
/// </remarks>
internal sealed class Vp9Assembler : VideoAssembler
{
    private const int MaximumLayers = 8;

    private readonly int[] _ends = new int[MaximumLayers];
    private readonly Vp9Header[] _headers = new Vp9Header[MaximumLayers];
    private readonly Vp9References _references = new();
    private readonly FrameSize[] _sizes = new FrameSize[MaximumLayers];
    private int _layers;
    private int _lastSpatialId;
    private bool _isInLayer;
    private Vp9Color _color;

    protected override void Reset()
    {
        _layers = 0;
        _lastSpatialId = -1;
        _isInLayer = false;
        Array.Clear(_sizes);
    }

    protected override bool TryAdd(ReadOnlySpan<byte> payload)
    {
        if (Vp9Descriptor.TryParse(payload, out var descriptor) != DropReason.None || payload.Length <= descriptor.Length) return false;
        if (descriptor.BeginsFrame)
        {
            if (_isInLayer || _layers == MaximumLayers || (_layers > 0 && descriptor.SpatialId <= _lastSpatialId)) return false;
            _isInLayer = true;
            _lastSpatialId = descriptor.SpatialId;
            if (descriptor.HasScalabilityStructure)
            {
                for (var i = 0; i < MaximumLayers; i++) _sizes[i] = descriptor.SizeOfLayer(payload, i);
            }
        }
        else if (!_isInLayer || descriptor.SpatialId != _lastSpatialId)
        {
            return false;
        }

        if (!Buffer.TryAppend(payload[descriptor.Length..])) return false;
        if (!descriptor.EndsFrame) return true;
        _isInLayer = false;
        _ends[_layers++] = Buffer.Length;
        return true;
    }

    protected override Outcome Complete(out bool isKeyframe)
    {
        isKeyframe = false;
        if (_isInLayer || _layers == 0) return Outcome.Broken;
        if (!Vp9FrameHeader.TryRead(Buffer.Span[.._ends[0]], out isKeyframe, out var size, out var color)) return Outcome.Broken;
        if (isKeyframe && !TrySetFormat(size, color)) return Outcome.Broken;
        ReadHeaders();
        return _layers == 1 || (TryHideLowerLayers() && TryAppendIndex()) ? Outcome.Frame : Outcome.Broken;
    }

    private void ReadHeaders()
    {
        for (var i = 0; i < _layers; i++) _references.TryRead(Buffer.Span[StartOf(i).._ends[i]], out _headers[i]);
    }

    /// <returns>False when the picture becomes too long.</returns>
    private bool TryHideLowerLayers()
    {
        for (var i = 0; i < _layers - 1; i++)
        {
            if (MayHide(i) && !TryHide(i)) return false;
        }

        return true;
    }

    /// <summary>A frame of the same size may take motion vectors from the one before it only if that was shown (VP9 bitstream specification §7.2).</summary>
    private bool MayHide(int layer) =>
        _headers[layer].IsShown && _headers[layer + 1].Bits > 0 && (_headers[layer + 1].IsResilient || _headers[layer + 1].Size != _headers[layer].Size);

    /// <summary>Clears <c>show_frame</c>; but for keyframes <c>intra_only</c> comes behind it then, and all bits up to the end of the header move on.</summary>
    private bool TryHide(int layer)
    {
        var header = _headers[layer];
        var start = StartOf(layer);
        if (!header.IsKeyframe)
        {
            if (header.Bits % 8 == 0)
            {
                if (!Buffer.TryInsert(start + (header.Bits / 8))) return false;
                for (var i = layer; i < _layers; i++) _ends[i]++;
            }

            var bits = Buffer.At(start, (header.Bits / 8) + 1);
            var intraOnlyAt = header.ShownAt + 2; // behind error_resilient_mode
            for (var i = header.Bits; i > intraOnlyAt; i--) SetBit(bits, i, IsSet(bits, i - 1));
            SetBit(bits, intraOnlyAt, false);
        }

        SetBit(Buffer.At(start, (header.ShownAt / 8) + 1), header.ShownAt, false);
        return true;
    }

    private static bool IsSet(ReadOnlySpan<byte> bits, int position) => (bits[position / 8] & (0x80 >> (position % 8))) != 0;

    private static void SetBit(Span<byte> bits, int position, bool value)
    {
        var mask = (byte)(0x80 >> (position % 8));
        if (value) bits[position / 8] |= mask;
        else bits[position / 8] &= (byte)~mask;
    }

    private bool TrySetFormat(FrameSize size, Vp9Color color)
    {
        // The header is that of the lowest layer; the others are predicted from it and need not tell their size.
        if (_layers > 1 && _sizes[_lastSpatialId].IsKnown) size = _sizes[_lastSpatialId];
        if (!size.IsKnown) return false;
        if (Format is { } format && format.Width == size.Width && format.Height == size.Height && _color == color) return true;

        _color = color;
        var level = LevelOf(size);
        byte[] features =
        [
            1, 1, (byte)color.Profile,
            2, 1, (byte)level,
            3, 1, (byte)color.BitDepth,
            4, 1, (byte)(color.IsSubsampledY ? 1 : color.IsSubsampledX ? 2 : 3),
        ];
        SetFormat(new TrackFormat(CodecKind.Vp9, size.Width, size.Height, 0, features, $"vp09.{color.Profile:D2}.{level:D2}.{color.BitDepth:D2}"));
        return true;
    }

    /// <summary>Superframe index: marker, sizes of all frames, marker.</summary>
    private bool TryAppendIndex()
    {
        var largest = 0;
        for (var i = 0; i < _layers; i++) largest = Math.Max(largest, SizeOf(i));
        var octets = largest > 0xFFFFFF ? 4 : largest > 0xFFFF ? 3 : largest > 0xFF ? 2 : 1;
        var marker = (byte)(0xC0 | ((octets - 1) << 3) | (_layers - 1));
        if (!Buffer.TryAppend(marker)) return false;
        for (var i = 0; i < _layers; i++)
        {
            var size = SizeOf(i);
            for (var octet = 0; octet < octets; octet++, size >>= 8)
            {
                if (!Buffer.TryAppend((byte)size)) return false;
            }
        }

        return Buffer.TryAppend(marker);
    }

    private int StartOf(int layer) => layer == 0 ? 0 : _ends[layer - 1];

    private int SizeOf(int layer) => _ends[layer] - StartOf(layer);

    /// <summary>The level for 30 pictures a second; the bitstream does not tell it (VP9 levels: luma picture size, luma sample rate).</summary>
    private static int LevelOf(FrameSize size) => ((long)size.Width * size.Height) switch
    {
        <= 27_648 => 10,
        <= 73_728 => 11,
        <= 122_880 => 20,
        <= 245_760 => 21,
        <= 552_960 => 30,
        <= 983_040 => 31,
        <= 2_228_224 => 40,
        <= 8_912_896 => 50,
        _ => 60,
    };
}
