using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Fuzz.Targets;

/// <summary>A WHEP offer to its answers, for publications of several codecs.</summary>
internal sealed class ViewerOfferTarget : OfferTarget
{
    private static readonly ViewerTrackIdentity[] Identities = [new(MediaKind.Audio, 1001, 1002), new(MediaKind.Video, 2001, 2002)];

    private static readonly PublishedTrack Opus = new(MediaKind.Audio, CodecKind.Opus, "minptime=10;useinbandfec=1");

    private static readonly PublishedTrack[][] Publications =
    [
        [Opus, new(MediaKind.Video, CodecKind.Vp8, "")],
        [new(MediaKind.Video, CodecKind.H264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"), Opus],
        [new(MediaKind.Video, CodecKind.Av1, "level-idx=5;profile=0;tier=0")],
    ];

    public override string Name => "sdp-watch";

    public override IReadOnlyList<byte[]> Corpus => SampleOffers.Watching;

    protected override bool Answer(SessionDescription offer)
    {
        var accepted = false;
        foreach (var tracks in Publications) accepted |= Check(offer, ViewerNegotiation.Answer(offer, Local, tracks, Identities, "cname", "stream"));
        return accepted;
    }
}
