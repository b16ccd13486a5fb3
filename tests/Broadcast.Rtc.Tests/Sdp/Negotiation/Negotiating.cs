using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Rtc.Tests.Sdp.Negotiation;

/// <summary>A node and its publications, as the negotiation tests use them.</summary>
internal static class Negotiating
{
    public static readonly LocalTransport Local = new(
        new IceCredentials("serverFragment01", "serverPassword0123456789"),
        string.Join(':', Enumerable.Repeat("AB", 32)),
        ["candidate:1 1 udp 2130706431 192.0.2.9 8181 typ host", "candidate:2 1 tcp 1520435199 192.0.2.9 8181 typ host tcptype passive"]);

    public static readonly PublishedTrack Opus = new(MediaKind.Audio, CodecKind.Opus, "minptime=10;useinbandfec=1");

    public static readonly PublishedTrack Vp8 = new(MediaKind.Video, CodecKind.Vp8, "");

    public static readonly IReadOnlyList<IReadOnlyList<PublishedTrack>> Publications =
    [
        [Opus, Vp8],
        [H264("42e01f"), Opus],
        [Opus],
        [new PublishedTrack(MediaKind.Video, CodecKind.Av1, "level-idx=5;profile=0;tier=0")],
        [new PublishedTrack(MediaKind.Audio, CodecKind.Pcmu, ""), new PublishedTrack(MediaKind.Video, CodecKind.Vp9, "profile-id=0")],
    ];

    private static readonly ViewerTrackIdentity[] Identities =
        [new ViewerTrackIdentity(MediaKind.Audio, 1001, 1002), new ViewerTrackIdentity(MediaKind.Video, 2001, 2002)];

    public static PublishedTrack H264(string profileLevelId, int packetizationMode = 1) =>
        new(MediaKind.Video, CodecKind.H264, $"level-asymmetry-allowed=1;packetization-mode={packetizationMode};profile-level-id={profileLevelId}");

    public static NegotiationResult Watch(SessionDescription offer, IReadOnlyList<PublishedTrack> tracks) =>
        ViewerNegotiation.Answer(offer, Local, tracks, Identities, "cname01", "stream01");

    public static NegotiatedSession Accepted(NegotiationResult result)
    {
        if (result is NegotiationResult.Refused refused) Assert.Fail($"{refused.Failure}: {refused.Detail}");
        return ((NegotiationResult.Accepted)result).Session;
    }

    public static void Refused(NegotiationResult result, NegotiationFailure failure, string expected)
    {
        var refused = Assert.IsType<NegotiationResult.Refused>(result);
        Assert.Equal(failure, refused.Failure);
        Assert.Contains(expected, refused.Detail, StringComparison.Ordinal);
    }
}
