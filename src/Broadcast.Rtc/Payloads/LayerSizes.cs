using System.Runtime.CompilerServices;

namespace Broadcast.Rtc.Payloads;

/// <summary>The picture size of each of four spatial layers.</summary>
[InlineArray(4)]
internal struct LayerSizes
{
    private FrameSize _first;
}
