using Broadcast.Rtc;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Client.Connections;

/// <summary>How sessions are opened toward one server.</summary>
internal record ConnectionOptions
{
    /// <summary>Where the server is.</summary>
    public Uri Server { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>The video codec that is published or asked for.</summary>
    public CodecKind Codec { get; init; } = CodecKind.Vp8;

    /// <summary>With Opus beside the video.</summary>
    public bool Audio { get; init; } = true;

    /// <summary>The only SRTP profile offered; null offers all.</summary>
    public SrtpProfile? Profile { get; init; } = SrtpProfile.AeadAes128Gcm;

    /// <summary>Media over TCP (RFC 6544) instead of UDP.</summary>
    public bool Tcp { get; init; }
}
