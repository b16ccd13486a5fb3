namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The extension ids negotiated for one m-line: kind to id and back (RFC 8285 §5).</summary>
/// <remarks>Filled once during negotiation, then read on the packet path. An id of 0 means "not negotiated".</remarks>
public sealed class HeaderExtensionMap
{
    /// <summary>How many kinds exist.</summary>
    public const int KindCount = 13;

    private static readonly string[] Uris =
    [
        "urn:ietf:params:rtp-hdrext:sdes:mid",
        "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "urn:3gpp:video-orientation",
        "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
        "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
        "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
        "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
        "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    ];

    private readonly byte[] _idOfKind = new byte[KindCount];
    private readonly byte[] _kindOfId = new byte[256];

    /// <summary>True when two-byte headers may be used beside one-byte ones (a=extmap-allow-mixed, RFC 8285 §4.1.2).</summary>
    public bool AllowMixed { get; init; }

    /// <summary>The negotiated id, or 0.</summary>
    public byte IdOf(HeaderExtensionKind kind) => _idOfKind[(int)kind];

    /// <summary>True when the kind was negotiated.</summary>
    public bool Has(HeaderExtensionKind kind) => _idOfKind[(int)kind] != 0;

    /// <summary>Looks up the kind behind an id.</summary>
    public bool TryKindOf(byte id, out HeaderExtensionKind kind)
    {
        var stored = _kindOfId[id];
        kind = (HeaderExtensionKind)(stored - 1);
        return stored != 0;
    }

    /// <summary>Binds an id to a kind. The first binding of a kind or id wins.</summary>
    /// <returns>False when the id is reserved (0, 15 in one-byte form is refused too) or already bound.</returns>
    public bool TryAdd(HeaderExtensionKind kind, byte id)
    {
        if (id is 0 or 15 || _idOfKind[(int)kind] != 0 || _kindOfId[id] != 0) return false;
        _idOfKind[(int)kind] = id;
        _kindOfId[id] = (byte)((int)kind + 1);
        return true;
    }

    /// <summary>The URI by which a kind is offered in SDP.</summary>
    public static string UriOf(HeaderExtensionKind kind) => Uris[(int)kind];

    /// <summary>Finds the kind behind an SDP URI; false for extensions this server does not use.</summary>
    public static bool TryKindOf(ReadOnlySpan<char> uri, out HeaderExtensionKind kind)
    {
        for (var i = 0; i < Uris.Length; i++)
        {
            if (!uri.SequenceEqual(Uris[i])) continue;
            kind = (HeaderExtensionKind)i;
            return true;
        }

        kind = default;
        return false;
    }
}
