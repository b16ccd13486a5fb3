using Broadcast.Rtc;

namespace Broadcast.Testing.Peers;

/// <summary>One encoding of a <see cref="SimulcastPublisher"/>.</summary>
public sealed record EncodingProfile
{
    /// <summary>Its RID; empty without simulcast.</summary>
    public string Rid { get; init; } = "";

    /// <summary>Pixels across; of the highest spatial layer.</summary>
    public int Width { get; init; } = 640;

    /// <summary>Pixels down.</summary>
    public int Height { get; init; } = 360;

    /// <summary>Packets of a frame that is none of a key picture.</summary>
    public int PacketsPerFrame { get; init; } = 2;

    /// <summary>Payload bytes of a packet, descriptors not counted.</summary>
    public int BodyLength { get; init; } = 120;

    /// <summary>RTP time at the clock's origin.</summary>
    public uint TimestampOrigin { get; init; } = 0x1234_5678;

    /// <summary>Sequence number of the first packet.</summary>
    public ushort FirstSequence { get; init; } = 65_300;

    /// <summary>Picture id of the first picture.</summary>
    public ushort FirstPictureId { get; init; } = 32_700;
}

/// <summary>How a <see cref="SimulcastPublisher"/> behaves.</summary>
public sealed record SimulcastProfile
{
    /// <summary>The offer, before credentials are put in.</summary>
    public required string Offer { get; init; }

    /// <summary>What the server will choose.</summary>
    public required CodecKind Codec { get; init; }

    /// <summary>One for each RID of the offer; one without.</summary>
    public required IReadOnlyList<EncodingProfile> Encodings { get; init; }

    /// <summary>Spatial layers of each encoding.</summary>
    public int SpatialLayers { get; init; } = 1;

    /// <summary>True when spatial layers refer to each other in key pictures only.</summary>
    public bool IsKeyMode { get; init; }

    /// <summary>VP9 in flexible mode.</summary>
    public bool IsFlexible { get; init; }

    /// <summary>Pictures per second.</summary>
    public double FramesPerSecond { get; init; } = 30;

    /// <summary>Keyframes without being asked.</summary>
    public TimeSpan KeyframeInterval { get; init; } = TimeSpan.FromSeconds(1000);

    /// <summary>False for one like OBS, which ignores PLI and FIR.</summary>
    public bool AnswersPli { get; init; } = true;

    /// <summary>True when a keyframe of one encoding makes all of them send one.</summary>
    public bool KeyframesTogether { get; init; }

    /// <summary>True when each keyframe has a size of its own.</summary>
    public bool SizesVary { get; init; }

    /// <summary>Chrome as it publishes three encodings of VP8 with three temporal layers, each with an origin of its own.</summary>
    public static SimulcastProfile Vp8 { get; } = new() { Offer = OfferText.Read("chrome-publish-simulcast"), Codec = CodecKind.Vp8, Encodings = Three("l", "m", "h") };

    /// <summary>The same with H.264, which has no layers.</summary>
    public static SimulcastProfile H264 { get; } = Vp8 with
    {
        Offer = OfferText.Preferring(OfferText.Read("chrome-publish-simulcast"), "H264", "packetization-mode=1;profile-level-id=42e01f"),
        Codec = CodecKind.H264,
    };

    /// <summary>OBS: the best first, one origin for all, no RTX, keyframes together and never when asked.</summary>
    public static SimulcastProfile Obs { get; } = new()
    {
        Offer = OfferText.Read("obs-publish-simulcast"),
        Codec = CodecKind.H264,
        Encodings = [.. Three("2", "1", "0").Reverse().Select(encoding => encoding with { TimestampOrigin = 77_777 })],
        AnswersPli = false,
        KeyframesTogether = true,
        KeyframeInterval = TimeSpan.FromSeconds(4),
    };

    /// <summary>One encoding with layers.</summary>
    public static SimulcastProfile Layered(CodecKind codec, int spatialLayers, bool isKeyMode) => new()
    {
        Offer = codec == CodecKind.Vp9
            ? OfferText.Preferring(OfferText.Read("chrome-publish"), "VP9", "profile-id=0")
            : OfferText.WithDependencyDescriptor(OfferText.Preferring(OfferText.Read("chrome-publish"), "AV1")),
        Codec = codec,
        Encodings = [new EncodingProfile { Width = 1280, Height = 720 }],
        SpatialLayers = spatialLayers,
        IsKeyMode = isKeyMode,
    };

    private static EncodingProfile[] Three(string low, string middle, string high) =>
    [
        new() { Rid = low, Width = 320, Height = 180, PacketsPerFrame = 1, TimestampOrigin = 0xFFFF_0000, FirstSequence = 65_500, FirstPictureId = 5 },
        new() { Rid = middle, Width = 640, Height = 360, PacketsPerFrame = 2, TimestampOrigin = 0x1234_5678, FirstSequence = 100, FirstPictureId = 32_760 },
        new() { Rid = high, Width = 1280, Height = 720, PacketsPerFrame = 3, BodyLength = 200, TimestampOrigin = 0x9876_5432, FirstSequence = 33_000, FirstPictureId = 20_000 },
    ];
}
