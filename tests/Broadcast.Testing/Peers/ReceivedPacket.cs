using Broadcast.Rtc;
using Broadcast.Testing.Media;

namespace Broadcast.Testing.Peers;

/// <summary>One distinct media packet as a viewer got it.</summary>
/// <param name="Sequence">Extended sequence number on the viewer's leg.</param>
/// <param name="Timestamp">RTP timestamp toward the viewer.</param>
/// <param name="Marker">M bit.</param>
/// <param name="PictureId">VP8 picture id after rewriting.</param>
/// <param name="Tl0PictureIndex">TL0PICIDX after rewriting.</param>
/// <param name="Video">Content of a video packet.</param>
/// <param name="Audio">Content of an audio packet.</param>
/// <param name="IsPadding">No payload.</param>
/// <param name="ByRtx">Came as a retransmission.</param>
/// <param name="At">When it came.</param>
public sealed record ReceivedPacket(
    long Sequence,
    uint Timestamp,
    bool Marker,
    ushort PictureId,
    byte Tl0PictureIndex,
    Vp8Content Video,
    OpusContent Audio,
    bool IsPadding,
    bool ByRtx,
    MonotonicTime At)
{
    /// <summary>The payload, of codecs whose content is not synthetic; empty otherwise.</summary>
    public byte[] Payload { get; init; } = [];

    /// <summary>The dependency descriptor, of layered codecs; empty without.</summary>
    public byte[] DependencyDescriptor { get; init; } = [];

    /// <summary>Which publisher made it.</summary>
    public byte Source => Video.Count > 0 ? Video.Source : Audio.Source;
}
