using System.Security.Cryptography;
using System.Text;
using Broadcast.Media.Congestion;
using Broadcast.Media.Layers;
using Broadcast.Media.Peers;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Media.Send;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.MediaNode.Sessions;

/// <summary>A new peer with its answer, or why there is none.</summary>
internal sealed record SessionCreation(Peer? Peer, string? Answer, SessionResult.Refused? Refused)
{
    public static SessionCreation Refuse(SessionRefusal reason, string detail) => new(null, null, new SessionResult.Refused(reason, detail));
}

/// <summary>Turns offers into unbound peers: negotiation, keys of chance, and the objects a worker will own.</summary>
/// <param name="dtls">The process's DTLS context.</param>
/// <param name="fingerprint">Of its certificate.</param>
/// <param name="candidates">The node's candidates.</param>
/// <param name="ingest">Limits on publishers.</param>
/// <param name="uplink">What a viewer may use of the node's uplink.</param>
/// <param name="clock">The worker's clock: a peer that never connects is forgotten by it.</param>
internal sealed class SessionFactory(
    DtlsContext dtls, string fingerprint, IReadOnlyList<string> candidates, IngestPolicy ingest, UplinkShare uplink, Func<MonotonicTime> clock)
{
    private readonly PublisherPolicy _publishers = PublisherPolicy.Default with { MaxVideoKilobitsPerSecond = (int)(ingest.LimitBitsPerSecond / 1000) };

    /// <summary>The node's candidates, as in every answer.</summary>
    public IReadOnlyList<string> Candidates => candidates;

    /// <summary>Credentials whose username fragment fits the <see cref="PeerDirectory"/>.</summary>
    public static IceCredentials NewCredentials() => IceCredentials.Create(PeerDirectory.UsernameFragmentLength);

    /// <summary>A publisher's peer.</summary>
    /// <param name="sessionId">The id in its URL.</param>
    /// <param name="offer">As it came.</param>
    /// <param name="stream">The stream it will feed.</param>
    /// <param name="epoch">The number of this publication.</param>
    /// <param name="wake">Wakes the worker that owns a peer.</param>
    public SessionCreation Publisher(string sessionId, string offer, LiveStream stream, PublicationEpoch epoch, Action<Peer> wake)
    {
        if (!SessionDescription.TryParse(offer, out var description, out var error)) return SessionCreation.Refuse(SessionRefusal.MalformedOffer, error!);
        var local = NewLocalTransport();
        var result = PublisherNegotiation.Answer(description!, local, _publishers);
        if (result is not NegotiationResult.Accepted { Session: var negotiated }) return Refusal((NegotiationResult.Refused)result);

        Peer? peer = null;
        var publication = new Publication(epoch, sessionId, IngestSession.TracksOf(negotiated), () => wake(peer!));
        peer = NewPeer(sessionId, local, negotiated, new IngestSession(negotiated, stream, publication, NewSsrc(), ingest), null);
        return new SessionCreation(peer, negotiated.Answer, null);
    }

    /// <summary>A viewer's peer.</summary>
    /// <param name="sessionId">The id in its URL.</param>
    /// <param name="offer">As it came.</param>
    /// <param name="stream">The stream it watches.</param>
    /// <param name="publication">What is published there.</param>
    /// <param name="choice">What it wants of its video.</param>
    public SessionCreation Viewer(string sessionId, string offer, LiveStream stream, Publication publication, LayerChoice choice)
    {
        if (!SessionDescription.TryParse(offer, out var description, out var error)) return SessionCreation.Refuse(SessionRefusal.MalformedOffer, error!);
        var local = NewLocalTransport();
        var tracks = publication.Tracks.DistinctBy(track => track.Kind).Select(track => new PublishedTrack(track.Kind, track.Codec, track.FormatParameters)).ToArray();
        var identities = tracks.Select(track => new ViewerTrackIdentity(track.Kind, NewSsrc(), NewSsrc())).ToArray();
        var cname = NewSsrc().ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
        var result = ViewerNegotiation.Answer(description!, local, tracks, identities, cname, stream.StreamId);
        if (result is not NegotiationResult.Accepted { Session: var negotiated }) return Refusal((NegotiationResult.Refused)result);

        var streams = negotiated.Media
            .Select(media => (media, identity: identities.First(identity => identity.Kind == media.Kind)))
            .Select(pair => new SendStream(pair.media, pair.identity.Ssrc, pair.identity.RtxSsrc, (ushort)RandomNumberGenerator.GetInt32(1, 0x8000), NewSsrc()))
            .ToArray();
        var peer = NewPeer(sessionId, local, negotiated, null, NewViewer(stream, streams, cname, choice));
        return new SessionCreation(peer, negotiated.Answer, null);
    }

    private ViewerSession NewViewer(LiveStream stream, SendStream[] streams, string cname, LayerChoice choice)
    {
        var estimator = new SendSideEstimator();
        var layers = new LayerController(estimator) { Choice = choice };
        return new ViewerSession(stream, streams, Encoding.ASCII.GetBytes(cname), layers, uplink, new PacedTransport(estimator));
    }

    private static SessionCreation Refusal(NegotiationResult.Refused refused) => SessionCreation.Refuse(
        refused.Failure switch
        {
            NegotiationFailure.Malformed => SessionRefusal.MalformedOffer,
            NegotiationFailure.NoCommonCodec => SessionRefusal.NoCommonCodec,
            _ => SessionRefusal.UnusableOffer,
        },
        refused.Detail);

    private static uint NewSsrc() => (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);

    private LocalTransport NewLocalTransport() => new(NewCredentials(), fingerprint, candidates);

    private Peer NewPeer(string sessionId, LocalTransport local, NegotiatedSession negotiated, IngestSession? publisher, ViewerSession? viewer)
    {
        var fingerprints = new List<DtlsFingerprint>();
        foreach (var text in negotiated.RemoteFingerprints)
        {
            if (DtlsFingerprint.TryParse(text, out var parsed)) fingerprints.Add(parsed);
        }

        return new Peer(
            sessionId,
            new IceLiteAgent(local.Ice),
            dtls,
            negotiated.LocalIsDtlsClient ? DtlsRole.Client : DtlsRole.Server,
            fingerprints,
            clock())
        {
            Ingest = publisher,
            Viewer = viewer,
        };
    }
}
