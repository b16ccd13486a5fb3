using System.Globalization;
using System.Text;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Client.Signalling;

/// <summary>Writes offers as Chromium does (RFC 8829 §5.2): one audio and one video m-line, bundled.</summary>
internal static class OfferWriter
{
    /// <summary>The text of the offer.</summary>
    public static string Write(LocalDescription local)
    {
        var text = new SdpText();
        text.Session(local.WithAudio ? ["0", "1"] : ["1"]);
        if (local.WithAudio) WriteAudio(text, local);
        WriteVideo(text, local);
        return text.ToString();
    }

    private static void WriteAudio(SdpText text, LocalDescription local)
    {
        text.Line($"m=audio 9 UDP/TLS/RTP/SAVPF {OfferedCodecs.OpusPayloadType}");
        text.Transport(local, "actpass", "0");
        WriteCommon(text, local);
        text.Line($"a=rtpmap:{OfferedCodecs.OpusPayloadType} opus/48000/2");
        text.Line($"a=rtcp-fb:{OfferedCodecs.OpusPayloadType} transport-cc");
        text.Line($"a=fmtp:{OfferedCodecs.OpusPayloadType} minptime=10;useinbandfec=1;stereo=1");
        if (!local.Sends) return;
        text.Line("a=msid:loadtest audio");
        text.Line($"a=ssrc:{local.Sources.Audio} cname:loadtest");
    }

    private static void WriteVideo(SdpText text, LocalDescription local)
    {
        var codecs = OfferedCodecs.Video.Where(codec => local.Codec is null || codec.Kind == local.Codec).ToList();
        var numbers = string.Join(' ', codecs.Select(codec => $"{codec.PayloadType} {codec.RtxPayloadType}"));
        text.Line($"m=video 9 UDP/TLS/RTP/SAVPF {numbers}");
        text.Transport(local, "actpass", "1");
        WriteCommon(text, local);
        if (local.Sources.Encodings > 1) WriteEncodings(text, local.Sources);
        foreach (var codec in codecs)
        {
            text.Line($"a=rtpmap:{codec.PayloadType} {codec.Kind.RtpMapName()}/90000");
            foreach (var feedback in OfferedCodecs.VideoFeedback) text.Line($"a=rtcp-fb:{codec.PayloadType} {feedback}");
            if (codec.Parameters.Length > 0) text.Line($"a=fmtp:{codec.PayloadType} {codec.Parameters}");
            text.Line($"a=rtpmap:{codec.RtxPayloadType} rtx/90000");
            text.Line($"a=fmtp:{codec.RtxPayloadType} apt={codec.PayloadType}");
        }

        if (!local.Sends) return;
        text.Line("a=msid:loadtest video");
        if (local.Sources.Encodings > 1) return;
        text.Line($"a=ssrc-group:FID {local.Sources.Video} {local.Sources.VideoRtx}");
        text.Line($"a=ssrc:{local.Sources.Video} cname:loadtest");
        text.Line($"a=ssrc:{local.Sources.VideoRtx} cname:loadtest");
    }

    /// <summary>RFC 8853.</summary>
    private static void WriteEncodings(SdpText text, SourceIds sources)
    {
        foreach (var (id, kind) in OfferedCodecs.EncodingExtensions) text.Line($"a=extmap:{id} {HeaderExtensionMap.UriOf(kind)}");
        var rids = Enumerable.Range(0, sources.Encodings).Select(sources.Rid).ToList();
        foreach (var rid in rids) text.Line($"a=rid:{rid} send");
        text.Line($"a=simulcast:send {string.Join(';', rids)}");
    }

    private static void WriteCommon(SdpText text, LocalDescription local)
    {
        foreach (var (id, kind) in OfferedCodecs.Extensions) text.Line($"a=extmap:{id} {HeaderExtensionMap.UriOf(kind)}");
        text.Line(local.Sends ? "a=sendonly" : "a=recvonly");
        text.Line("a=rtcp-mux");
        text.Line("a=rtcp-rsize");
    }
}

/// <summary>Lines of a description.</summary>
internal sealed class SdpText
{
    private const uint HostPriority = 2_130_706_431;

    private readonly StringBuilder _text = new();

    /// <summary>Adds a line.</summary>
    public void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append("\r\n");

    /// <summary>Adds a line.</summary>
    public void Line(string line) => _text.Append(line).Append("\r\n");

    /// <summary>The session level.</summary>
    public void Session(IEnumerable<string> mids)
    {
        Line("v=0");
        Line($"o=- {Random.Shared.NextInt64(1, long.MaxValue)} 2 IN IP4 127.0.0.1");
        Line("s=-");
        Line("t=0 0");
        Line($"a=group:BUNDLE {string.Join(' ', mids)}");
        Line("a=extmap-allow-mixed");
        Line("a=msid-semantic: WMS loadtest");
    }

    /// <summary>What every m-line says about transport.</summary>
    public void Transport(LocalDescription local, string setup, string mid)
    {
        Line("c=IN IP4 0.0.0.0");
        if (local.Candidate is { } candidate) Line($"a=candidate:1 1 udp {HostPriority} {candidate.Address} {candidate.Port} typ host generation 0");
        Line($"a=ice-ufrag:{local.Ice.UsernameFragment}");
        Line($"a=ice-pwd:{local.Ice.Password}");
        Line("a=ice-options:trickle");
        Line($"a=fingerprint:sha-256 {local.Fingerprint}");
        Line($"a=setup:{setup}");
        Line($"a=mid:{mid}");
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
