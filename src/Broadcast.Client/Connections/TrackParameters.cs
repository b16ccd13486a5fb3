using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Client.Connections;

/// <summary>What offer and answer settled about one m-line.</summary>
internal sealed record TrackParameters
{
    /// <summary>The codec that is sent.</summary>
    public required CodecKind Codec { get; init; }

    /// <summary>Its payload type.</summary>
    public required byte PayloadType { get; init; }

    /// <summary>The payload type of its retransmissions; 0 when there are none.</summary>
    public byte RtxPayloadType { get; init; }

    /// <summary>Identifies the m-line.</summary>
    public required string Mid { get; init; }

    /// <summary>Extension ids.</summary>
    public required HeaderExtensionMap Extensions { get; init; }

    /// <summary>Missing packets may be asked for.</summary>
    public bool Nack { get; init; }

    /// <summary>Keyframes may be asked for.</summary>
    public bool Pli { get; init; }

    /// <summary>Arrivals are to be reported.</summary>
    public bool TransportFeedback { get; init; }
}
