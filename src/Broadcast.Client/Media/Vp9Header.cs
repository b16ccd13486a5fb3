namespace Broadcast.Client.Media;

/// <summary>The first bits of a VP9 frame: the uncompressed header (VP9 bitstream specification §6.2).</summary>
internal static class Vp9Header
{
    private const int SyncCode = 0x498342;
    private const int ColorSpaceRgb = 7;

    /// <summary>Whether the frame is a keyframe, and then its size in pixels.</summary>
    public static bool TryReadKeyframe(ReadOnlySpan<byte> frame, out int width, out int height)
    {
        width = height = 0;
        var bits = new BitReader(frame);
        if (bits.Read(2) != 2) return false; // frame_marker
        var profile = bits.Read(1) | (bits.Read(1) << 1);
        if (profile == 3) bits.Read(1);
        if (bits.Read(1) != 0) return false; // show_existing_frame
        if (bits.Read(1) != 0) return false; // frame_type: 0 is a keyframe
        bits.Read(2); // show_frame, error_resilient_mode
        if (bits.Read(24) != SyncCode) return false;
        if (profile >= 2) bits.Read(1); // ten_or_twelve_bit
        if (bits.Read(3) != ColorSpaceRgb) bits.Read(profile is 1 or 3 ? 4 : 1); // range, subsampling
        else if (profile is 1 or 3) bits.Read(1);
        width = bits.Read(16) + 1;
        height = bits.Read(16) + 1;
        return !bits.Overrun;
    }

    private ref struct BitReader(ReadOnlySpan<byte> data)
    {
        private readonly ReadOnlySpan<byte> _data = data;
        private int _position;

        public readonly bool Overrun => _position > _data.Length * 8;

        public int Read(int count)
        {
            var value = 0;
            for (; count > 0; count--, _position++)
            {
                var bit = _position < _data.Length * 8 ? (_data[_position >> 3] >> (7 - (_position & 7))) & 1 : 0;
                value = (value << 1) | bit;
            }

            return value;
        }
    }
}
