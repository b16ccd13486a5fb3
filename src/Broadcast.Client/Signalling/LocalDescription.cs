using System.Globalization;
using System.Net;
using Broadcast.Client.Connections;
using Broadcast.Rtc;

namespace Broadcast.Client.Signalling;

/// <summary>What this end tells the server about itself in an offer or answer.</summary>
internal sealed record LocalDescription
{
    /// <summary>Own ICE credentials.</summary>
    public required IceParameters Ice { get; init; }

    /// <summary>SHA-256 of the certificate, "AB:CD:…".</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The address of the session's socket as the server sees it; null sends no candidate.</summary>
    public required IPEndPoint? Candidate { get; init; }

    /// <summary>Publisher or viewer.</summary>
    public required bool Sends { get; init; }

    /// <summary>The codec that is published, or the only one a viewer offers; null offers all.</summary>
    public required CodecKind? Codec { get; init; }

    /// <summary>With an audio m-line.</summary>
    public required bool WithAudio { get; init; }

    /// <summary>Streams of a publisher.</summary>
    public SourceIds Sources { get; init; }
}

/// <summary>The synchronization sources of a publisher.</summary>
/// <param name="Audio">Audio.</param>
/// <param name="Video">Video; the best encoding of several.</param>
/// <param name="VideoRtx">Retransmissions of that.</param>
internal readonly record struct SourceIds(uint Audio, uint Video, uint VideoRtx)
{
    /// <summary>Encodings of the picture; with more than one, RIDs tell them apart and the offer names no source of them.</summary>
    public int Encodings { get; init; }

    /// <summary>The RID of an encoding; empty without simulcast.</summary>
    public string Rid(int encoding) => Encodings > 1 ? encoding.ToString(CultureInfo.InvariantCulture) : "";
}
