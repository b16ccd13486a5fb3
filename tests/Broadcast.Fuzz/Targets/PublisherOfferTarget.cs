using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Fuzz.Targets;

/// <summary>A WHIP offer to its answer.</summary>
internal sealed class PublisherOfferTarget : OfferTarget
{
    public override string Name => "sdp-publish";

    public override IReadOnlyList<byte[]> Corpus => SampleOffers.Publishing;

    protected override bool Answer(SessionDescription offer) =>
        Check(offer, PublisherNegotiation.Answer(offer, Local, PublisherPolicy.Default));
}
