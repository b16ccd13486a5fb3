using Broadcast.Rtc;

namespace Broadcast.Client.Media;

/// <summary>Turns a media file into a clip.</summary>
internal static class ClipFile
{
    private const uint OpusTicks = 960; // 20 ms

    /// <summary>Reads the file the generator made for a codec.</summary>
    /// <param name="path">IVF for VP8, VP9 and AV1; Annex B for H.264; Ogg for Opus.</param>
    /// <param name="codec">What it holds.</param>
    /// <param name="framesPerSecond">For video.</param>
    /// <param name="hasTemporalLayers">It was encoded in the pattern of <see cref="TemporalPattern"/>.</param>
    /// <exception cref="InvalidDataException">It is not what it should be.</exception>
    public static MediaClip Read(string path, CodecKind codec, int framesPerSecond, bool hasTemporalLayers = false)
    {
        var file = File.ReadAllBytes(path);
        var clip = new ClipBuilder(codec, codec == CodecKind.Opus ? OpusTicks : 90_000 / (uint)framesPerSecond);
        switch (codec)
        {
            case CodecKind.H264:
                foreach (var unit in AnnexBReader.Read(file)) H264Packetizer.Packetize(clip, unit);
                break;
            case CodecKind.Opus:
                foreach (var packet in OggOpusReader.Read(file)) Packetizers.Opus(clip, packet);
                break;
            case CodecKind.Vp8 when hasTemporalLayers:
                var place = 0;
                foreach (var frame in IvfReader.Read(file, codec))
                {
                    Packetizers.Vp8(clip, frame, TemporalPattern.IdAt(place), TemporalPattern.IsSyncAt(place));
                    place++;
                }

                break;
            default:
                foreach (var frame in IvfReader.Read(file, codec)) Packetize(clip, codec, frame);
                break;
        }

        return clip.Build();
    }

    private static void Packetize(ClipBuilder clip, CodecKind codec, in SourceFrame frame)
    {
        switch (codec)
        {
            case CodecKind.Vp8: Packetizers.Vp8(clip, frame); break;
            case CodecKind.Vp9: Packetizers.Vp9(clip, frame); break;
            case CodecKind.Av1: Av1Packetizer.Packetize(clip, frame); break;
            default: throw new ArgumentOutOfRangeException(nameof(codec), codec, "Not a codec that files are made of.");
        }
    }
}
