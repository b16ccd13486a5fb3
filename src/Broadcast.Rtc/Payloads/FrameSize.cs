namespace Broadcast.Rtc.Payloads;

/// <summary>A picture size in pixels; the default value means that it is not known.</summary>
public readonly record struct FrameSize(ushort Width, ushort Height)
{
    /// <summary>True when neither side is 0.</summary>
    public bool IsKnown => Width != 0 && Height != 0;

    /// <summary>A size from computed sides; unknown when a side is not 1 to 65,535.</summary>
    internal static FrameSize From(long width, long height) =>
        width is > 0 and <= ushort.MaxValue && height is > 0 and <= ushort.MaxValue ? new FrameSize((ushort)width, (ushort)height) : default;
}
