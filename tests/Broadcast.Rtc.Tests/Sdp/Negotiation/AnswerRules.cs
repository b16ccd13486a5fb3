using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;

namespace Broadcast.Rtc.Tests.Sdp.Negotiation;

/// <summary>What holds for every answer to every offer (RFC 3264 §6, RFC 8829 §5.3, RFC 9143 §7.3).</summary>
internal static class AnswerRules
{
    public static SessionDescription Check(SessionDescription offer, NegotiatedSession session)
    {
        var text = session.Answer;
        Assert.StartsWith("v=0\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", text.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("\na=setup:actpass", text, StringComparison.Ordinal);

        var answer = Offers.Parse(text);
        Assert.True(answer.IsIceLite);
        Assert.Equal(offer.Media.Count, answer.Media.Count);
        Assert.NotEmpty(session.Media);
        Assert.NotEmpty(session.RemoteFingerprints);
        Assert.Equal(answer.Media.Where(m => m.Port != 0 && offer.BundledMids.Contains(m.Mid)).Select(m => m.Mid).Order(), answer.BundledMids.Order());
        Assert.Equal(offer.BundledMids.Distinct().Where(answer.BundledMids.Contains), answer.BundledMids);
        Assert.Equal(offer.ExtensionMapAllowMixed, answer.ExtensionMapAllowMixed);

        for (var i = 0; i < offer.Media.Count; i++)
        {
            var (offered, answered) = (offer.Media[i], answer.Media[i]);
            Assert.Equal(offered.Kind, answered.Kind);
            Assert.Equal(offered.Mid, answered.Mid);
            Assert.All(answered.FormatTokens, token => Assert.Contains(token, offered.FormatTokens));
            var negotiated = session.Media.SingleOrDefault(m => m.Index == i);
            if (negotiated is null) CheckUnused(offer, answered);
            else CheckAccepted(offered, answered, negotiated, session);
        }

        var first = answer.Media.First(m => m.Port != 0);
        Assert.NotEmpty(first.Candidates);
        Assert.True(first.EndOfCandidates);
        return answer;
    }

    /// <summary>Rejected, or kept inactive because the bundle lives on its transport.</summary>
    private static void CheckUnused(SessionDescription offer, MediaDescription answered)
    {
        Assert.Equal(MediaDirection.Inactive, answered.Direction);
        if (answered.Port == 0) return;
        Assert.Equal(offer.BundledMids[0], answered.Mid);
        Assert.Equal(Negotiating.Local.Ice.UsernameFragment, answered.IceUsernameFragment);
        Assert.True(answered.RtcpMux);
    }

    private static void CheckAccepted(MediaDescription offered, MediaDescription answered, NegotiatedMedia negotiated, NegotiatedSession session)
    {
        Assert.Equal(9, answered.Port);
        Assert.Equal(offered.Protocol, answered.Protocol);
        Assert.Equal(Negotiating.Local.Ice.UsernameFragment, answered.IceUsernameFragment);
        Assert.Equal(Negotiating.Local.Ice.Password, answered.IcePassword);
        Assert.Equal(session.LocalIsDtlsClient ? "active" : "passive", answered.Setup);
        Assert.True(answered.RtcpMux);
        Assert.Equal(offered.ReducedSizeRtcp, answered.ReducedSizeRtcp);
        Assert.True(answered.Direction == MediaDirection.ReceiveOnly ? offered.Direction.Sends() : offered.Direction.Receives());

        var codec = negotiated.Codec;
        var first = answered.Formats.First(f => !f.Is("red"));
        Assert.Equal(codec.PayloadType, first.PayloadType);
        Assert.Equal(codec.Codec.RtpMapName(), first.EncodingName);
        byte?[] payloadTypes = [codec.PayloadType, codec.RtxPayloadType, codec.RedPayloadType];
        Assert.Equal(payloadTypes.OfType<byte>().Order(), answered.Formats.Select(f => f.PayloadType).Order());
        foreach (var format in answered.Formats)
        {
            var counterpart = Assert.Single(offered.Formats, f => f.PayloadType == format.PayloadType);
            Assert.True(counterpart.Is(format.EncodingName));
            Assert.All(format.Feedback, message => Assert.True(counterpart.HasFeedback(message)));
        }

        foreach (var extension in answered.Extensions)
        {
            var counterpart = offered.Extensions.First(e => e.Id == extension.Id && e.Uri == extension.Uri);
            Assert.Equal(counterpart.Direction?.Inverted(), extension.Direction);
            Assert.True(HeaderExtensionMap.TryKindOf(extension.Uri, out var kind));
            Assert.Equal(extension.Id, negotiated.Extensions.IdOf(kind));
        }

        Assert.Equal(negotiated.Rids, answered.SimulcastReceive);
        Assert.Equal(negotiated.Rids, answered.Rids.Select(r => r.Id));
        Assert.All(answered.Rids, r => Assert.False(r.IsSend));
    }
}
