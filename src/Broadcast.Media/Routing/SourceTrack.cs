using Broadcast.Media.Layers;
using Broadcast.Media.Receive;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Routing;

/// <summary>One encoding of a publication as its forwarders see it: the log, the clock and the keyframe budget. Simulcast has several for one picture.</summary>
/// <remarks>Written by the publisher's worker, read by every worker with viewers.</remarks>
public sealed class SourceTrack(MediaKind kind, CodecKind codec, string formatParameters, int clockRateHz)
{
    private const int AudioLogBytes = 64 * 1024;
    private const int VideoLogBytes = 512 * 1024;
    private const int MaxVideoLogBytes = 8 * 1024 * 1024;

    private long _keyframePosition = -1;
    private uint _alignment;
    private uint _originSsrc;
    private KnownParameterSets? _parameterSets = codec == CodecKind.H264
        ? new KnownParameterSets(H264ParameterSets.FromFormatParameters(formatParameters), long.MinValue)
        : null;

    /// <summary>Audio or video.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>The simulcast encoding that this is; empty without simulcast.</summary>
    public string Rid { get; init; } = "";

    /// <summary>The publisher's own SSRC; 0 before its first packet. Any thread.</summary>
    public uint OriginSsrc
    {
        get => Volatile.Read(ref _originSsrc);
        set => Volatile.Write(ref _originSsrc, value);
    }

    /// <summary>Its place among the tracks of its publication.</summary>
    public int Index { get; internal set; }

    /// <summary>What is published.</summary>
    public CodecKind Codec { get; } = codec;

    /// <summary>The a=fmtp of the publication.</summary>
    public string FormatParameters { get; } = formatParameters;

    /// <summary>Timestamp units per second.</summary>
    public int ClockRateHz { get; } = clockRateHz;

    /// <summary>Recent packets.</summary>
    public PacketLog Log { get; } = kind == MediaKind.Audio
        ? new PacketLog(AudioLogBytes, AudioLogBytes * 4)
        : new PacketLog(VideoLogBytes, MaxVideoLogBytes);

    /// <summary>The publisher's NTP and RTP clock.</summary>
    public SenderReportClock Clock { get; } = new();

    /// <summary>Requests for keyframes of this layer, from everybody.</summary>
    public KeyframeBudget Keyframes { get; } = new();

    /// <summary>Position of the newest packet that starts a keyframe; -1 before the first. Any thread.</summary>
    public long KeyframePosition
    {
        get => Volatile.Read(ref _keyframePosition);
        set => Volatile.Write(ref _keyframePosition, value);
    }

    /// <summary>What to add to a timestamp to compare it with those of the publication's other encodings, modulo 2^32. Any thread.</summary>
    public uint Alignment
    {
        get => Volatile.Read(ref _alignment);
        set => Volatile.Write(ref _alignment, value);
    }

    /// <summary>H.264 parameter sets, at first those of the SDP; null for other codecs. Any thread.</summary>
    public KnownParameterSets? ParameterSets
    {
        get => Volatile.Read(ref _parameterSets);
        set => Volatile.Write(ref _parameterSets, value);
    }
}
