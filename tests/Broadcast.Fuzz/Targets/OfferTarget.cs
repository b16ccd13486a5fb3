using System.Text;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Fuzz.Targets;

/// <summary>What both kinds of offers share: reading, and what must hold of an answer.</summary>
internal abstract class OfferTarget : FuzzTarget
{
    protected static readonly LocalTransport Local = new(
        new IceCredentials("server00", "passwordOfThisServer22"),
        string.Join(':', Enumerable.Repeat("AB", 32)),
        ["candidate:1 1 udp 2130706431 192.0.2.9 8181 typ host", "candidate:2 1 tcp 1520435199 192.0.2.9 8181 typ host tcptype passive"]);

    public override bool IsText => true;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (!SessionDescription.TryParse(Encoding.UTF8.GetString(input), out var offer, out var error))
        {
            Invariant.Holds(error.Length > 0, "a refusal says why");
            return false;
        }

        return Answer(offer);
    }

    /// <summary>Answers the offer in the ways of the target.</summary>
    protected abstract bool Answer(SessionDescription offer);

    protected static bool Check(SessionDescription offer, NegotiationResult result)
    {
        if (result is not NegotiationResult.Accepted { Session: var session })
        {
            Invariant.Holds(((NegotiationResult.Refused)result).Detail.Length > 0, "a refusal says why");
            return false;
        }

        Invariant.Holds(session.Answer.StartsWith("v=0\r\n", StringComparison.Ordinal), "an answer begins with the version");
        Invariant.Holds(SessionDescription.TryParse(session.Answer, out var answer, out _), "an answer can be read");
        Invariant.Holds(answer!.Media.Count == offer.Media.Count, "an answer has the offer's m-lines");
        Invariant.Holds(session.Media.Count is 1 or 2 && session.RemoteFingerprints.Count > 0, "what is accepted has tracks and a fingerprint");
        for (var i = 0; i < answer.Media.Count; i++)
            Invariant.Holds(answer.Media[i].Mid == offer.Media[i].Mid && answer.Media[i].Kind == offer.Media[i].Kind, "m-lines keep order, kind and mid");
        return true;
    }
}
