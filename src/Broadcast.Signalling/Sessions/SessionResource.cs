using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Rtc.Sdp;
using Broadcast.Signalling.Events;
using Broadcast.Signalling.Http;

namespace Broadcast.Signalling.Sessions;

/// <summary>The HTTP side of one session: what its URL answers for. Safe to use from any thread.</summary>
internal sealed class SessionResource
{
    private readonly Lock _gate = new();
    private readonly OfferSummary _offer;
    private string _remoteUsernameFragment;

    public SessionResource(SessionKind kind, string streamId, SessionResult.Accepted accepted, string offer)
    {
        Kind = kind;
        StreamId = streamId;
        SessionId = accepted.SessionId;
        EntityTag = Http.EntityTag.ForIceSession(accepted.UsernameFragment);
        _offer = OfferSummary.Of(offer);
        _remoteUsernameFragment = _offer.UsernameFragment;
    }

    public SessionKind Kind { get; }

    public string StreamId { get; }

    public string SessionId { get; }

    /// <summary>Whose session it is, the same over all of a viewer's sessions; null for a publisher's.</summary>
    public string? ViewerId { get; init; }

    /// <summary>Where its POST came from.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Whose token it came with; null when that names nobody, and without one.</summary>
    public string? Subject { get; init; }

    /// <summary>Which token it came with; null when that has no name, and without one.</summary>
    public string? TokenId { get; init; }

    /// <summary>Its place among the sessions that are counted; given back when it ends.</summary>
    public IDisposable? Place { get; init; }

    /// <summary>Position of the first video m-line in the offer.</summary>
    public int VideoIndex => _offer.VideoIndex;

    /// <summary>Strong tag of the present ICE session, quotes included.</summary>
    public string EntityTag { get; private set; }

    /// <summary>The quality that a viewer gets, as last told; null without video and before the first picture.</summary>
    public LayerInUse? Layer { get; set; }

    /// <summary>The event streams of this session.</summary>
    public SubscriptionList Subscriptions { get; } = new();

    /// <summary>Applies a fragment under the If-Match rules (RFC 9725 §4.3); overlapping requests take turns.</summary>
    public PatchOutcome Apply(TrickleFragment fragment, string? ifMatch, IMediaPlane media)
    {
        lock (_gate)
        {
            var match = Http.EntityTag.Compare(ifMatch, EntityTag);
            if (match == Http.EntityTag.Match.Missing)
                return new PatchOutcome.TagMissing();
            if (match == Http.EntityTag.Match.Stale)
                return new PatchOutcome.TagStale();
            if (fragment.UsernameFragment.Length == 0 || fragment.UsernameFragment == _remoteUsernameFragment)
                return new PatchOutcome.CandidatesTaken();
            if (fragment.Password.Length == 0)
                return new PatchOutcome.PasswordMissing();

            var restart = media.RestartIce(SessionId, fragment.UsernameFragment, fragment.Password);
            if (restart is null)
                return new PatchOutcome.SessionOver();
            _remoteUsernameFragment = fragment.UsernameFragment;
            EntityTag = Http.EntityTag.ForIceSession(restart.UsernameFragment);
            var local = new IceCredentials(restart.UsernameFragment, restart.Password);
            var answer = TrickleFragment.WriteRestart(fragment, local, restart.Candidates, _offer.MediaLine, _offer.MediaId);
            return new PatchOutcome.Restarted(answer, EntityTag);
        }
    }
}

/// <summary>What became of a PATCH.</summary>
internal abstract record PatchOutcome
{
    /// <summary>204.</summary>
    public sealed record CandidatesTaken : PatchOutcome;

    /// <summary>200 with a fragment and a new tag.</summary>
    public sealed record Restarted(string Fragment, string EntityTag) : PatchOutcome;

    /// <summary>428.</summary>
    public sealed record TagMissing : PatchOutcome;

    /// <summary>412.</summary>
    public sealed record TagStale : PatchOutcome;

    /// <summary>400: a new username fragment came without its password.</summary>
    public sealed record PasswordMissing : PatchOutcome;

    /// <summary>404.</summary>
    public sealed record SessionOver : PatchOutcome;
}
