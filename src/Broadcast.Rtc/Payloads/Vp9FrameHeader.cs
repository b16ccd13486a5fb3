namespace Broadcast.Rtc.Payloads;

/// <summary>The beginning of the uncompressed header of a VP9 frame (VP9 bitstream specification §6.2, §6.2.1–6.2.3).</summary>
internal static class Vp9FrameHeader
{
    private const uint FrameMarker = 2;
    private const uint SyncCode = 0x49_83_42;
    private const uint ColorSpaceRgb = 7;

    /// <summary>Reads the frame type and, of a keyframe, the size.</summary>
    /// <returns>False when these bytes are no VP9 frame header (encrypted frames, for instance).</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, out bool isKeyframe, out FrameSize size) => TryRead(frame, out isKeyframe, out size, out _);

    /// <summary>Reads also what a container tells of the colours, of a keyframe.</summary>
    /// <returns>False when these bytes are no VP9 frame header.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, out bool isKeyframe, out FrameSize size, out Vp9Color color)
    {
        isKeyframe = false;
        size = default;
        color = default;
        var reader = new BitReader(frame, emulationPrevention: false);
        if (reader.Read(2) != FrameMarker) return false;

        var profile = reader.Read(1) | (reader.Read(1) << 1);
        if (profile == 3 && reader.ReadFlag()) return false;

        var showsExistingFrame = reader.ReadFlag();
        isKeyframe = !showsExistingFrame && !reader.ReadFlag() && !reader.IsExhausted;
        if (!isKeyframe) return true;

        reader.Skip(2);
        if (reader.Read(24) != SyncCode)
        {
            isKeyframe = false;
            return false;
        }

        var depth = profile < 2 ? 8 : reader.ReadFlag() ? 12 : 10;
        var (isSubsampledX, isSubsampledY) = (profile is 0 or 2, profile is 0 or 2);
        if (reader.Read(3) != ColorSpaceRgb)
        {
            reader.Skip(1); // range
            if (profile is 1 or 3)
            {
                (isSubsampledX, isSubsampledY) = (reader.ReadFlag(), reader.ReadFlag());
                reader.Skip(1);
            }
        }
        else if (profile is 1 or 3)
        {
            reader.Skip(1);
        }

        color = new Vp9Color((int)profile, depth, isSubsampledX, isSubsampledY);
        var width = reader.Read(16) + 1;
        var height = reader.Read(16) + 1;
        if (!reader.IsExhausted) size = FrameSize.From(width, height);
        return true;
    }
}

/// <summary>Profile and colours of a VP9 keyframe.</summary>
internal readonly record struct Vp9Color(int Profile, int BitDepth, bool IsSubsampledX, bool IsSubsampledY);
