namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Why an offer was refused.</summary>
public enum NegotiationFailure
{
    /// <summary>It contradicts itself or lacks what every WebRTC offer has.</summary>
    Malformed,

    /// <summary>It is well-formed, but asks for something this server does not do.</summary>
    Unusable,

    /// <summary>It has no codec in common with the publication or with this server.</summary>
    NoCommonCodec,
}

/// <summary>Outcome of answering an offer.</summary>
public abstract record NegotiationResult
{
    private NegotiationResult()
    {
    }

    /// <summary>There is an answer.</summary>
    /// <param name="Session">What was settled.</param>
    public sealed record Accepted(NegotiatedSession Session) : NegotiationResult;

    /// <summary>There is none.</summary>
    /// <param name="Failure">The class of the refusal.</param>
    /// <param name="Detail">A sentence for a person: what was wrong and what to do.</param>
    public sealed record Refused(NegotiationFailure Failure, string Detail) : NegotiationResult;
}
