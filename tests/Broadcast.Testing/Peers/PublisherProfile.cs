namespace Broadcast.Testing.Peers;

/// <summary>How a <see cref="TestPublisher"/> behaves.</summary>
public sealed record PublisherProfile
{
    /// <summary>Marks the content, so that a viewer can tell publishers apart.</summary>
    public byte Source { get; init; } = 1;

    /// <summary>The offer, before credentials are put in.</summary>
    public string Offer { get; init; } = OfferText.Read("chrome-publish");

    /// <summary>Frames per second.</summary>
    public double FramesPerSecond { get; init; } = 30;

    /// <summary>Packets of a keyframe.</summary>
    public int PacketsPerKeyframe { get; init; } = 12;

    /// <summary>Packets of any other frame.</summary>
    public int PacketsPerFrame { get; init; } = 4;

    /// <summary>Payload bytes of a full packet.</summary>
    public int PayloadLength { get; init; } = 1100;

    /// <summary>Keyframes without being asked.</summary>
    public TimeSpan KeyframeInterval { get; init; } = TimeSpan.FromSeconds(1000);

    /// <summary>False for one like OBS, which ignores PLI and FIR.</summary>
    public bool AnswersPli { get; init; } = true;

    /// <summary>True when audio is sent as well.</summary>
    public bool SendsAudio { get; init; } = true;

    /// <summary>True when each packet of sound carries the one before too, and every tenth is padding as Chrome probes with.</summary>
    public bool SendsCopies { get; init; }

    /// <summary>Sequence number of the first video packet.</summary>
    public ushort FirstSequence { get; init; } = 4_711;

    /// <summary>RTP timestamp of both tracks at the clock's origin.</summary>
    public uint TimestampOrigin { get; init; } = 0x1234_5678;

    /// <summary>Picture id of the first frame, 15 bits.</summary>
    public ushort FirstPictureId { get; init; } = 17;

    /// <summary>Sources; 0 for the ones of the offer made anew.</summary>
    public uint VideoSsrc { get; init; }

    /// <summary>How far the publisher's wall clock is ahead of the test's.</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>Payloads of a frame: its number, and whether it is a keyframe. Null for synthetic VP8.</summary>
    public Func<int, bool, IReadOnlyList<byte[]>>? Packetize { get; init; }
}
