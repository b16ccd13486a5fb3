namespace Broadcast.Rtc.Payloads;

/// <summary>What the forwarding engine wants to know of a packet's payload.</summary>
/// <param name="StartsKeyframe">A decoder may start with this packet. Of H.264 and H.265 several packets of one timestamp can say
/// so (parameter sets, then the picture): the first packet of that timestamp is the one to start with. True for all audio.</param>
/// <param name="StartsFrame">A frame (VP9: a layer frame) begins here. Of H.264, H.265 and AV1, which have no such flag, a hint:
/// something that can begin a frame begins here.</param>
/// <param name="Width">Pixels, of the largest spatial layer; 0 when this packet does not say.</param>
/// <param name="Height">Pixels; 0 when this packet does not say.</param>
public readonly record struct PayloadInfo(bool StartsKeyframe, bool StartsFrame, ushort Width, ushort Height)
{
    internal PayloadInfo(bool startsKeyframe, bool startsFrame, FrameSize size)
        : this(startsKeyframe, startsFrame, size.Width, size.Height)
    {
    }
}
