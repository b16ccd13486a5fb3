namespace Broadcast.Rtc.Sdp;

/// <summary>Collects the lines of one m-line, or of the session level, which has the same attributes as defaults.</summary>
internal sealed class MediaDescriptionBuilder
{
    private readonly PayloadFormatBuilder _formats = new();
    private readonly List<ExtensionMapping> _extensions = [];
    private readonly List<uint> _ssrcs = [];
    private readonly List<SsrcGroup> _ssrcGroups = [];
    private readonly List<RidDescription> _rids = [];
    private readonly List<string> _fingerprints = [];
    private readonly List<IceCandidate> _candidates = [];
    private readonly List<string> _mediaStreamIds = [];
    private readonly List<Bandwidth> _bandwidths = [];
    private readonly HashSet<uint> _knownSsrcs = [];
    private List<string> _simulcastSend = [];
    private List<string> _simulcastReceive = [];
    private List<string> _formatTokens = [];
    private MediaDirection? _direction;
    private string _kind = "";
    private string _protocol = "";
    private string _mid = "";
    private string _canonicalName = "";
    private string _usernameFragment = "";
    private string _password = "";
    private string _setup = "";
    private int _port;
    private bool _endOfCandidates;
    private bool _rtcpMux;
    private bool _reducedSizeRtcp;
    private bool _bundleOnly;

    public bool ExtensionMapAllowMixed { get; private set; }

    /// <summary>Reads "kind port[/count] protocol format …".</summary>
    public bool TryReadMediaLine(ReadOnlySpan<char> value)
    {
        _kind = SdpText.NextToken(ref value).ToString();
        var portAndCount = SdpText.NextToken(ref value);
        var slash = portAndCount.IndexOf('/');
        if (!SdpText.TryParse(slash < 0 ? portAndCount : portAndCount[..slash], out ushort port)) return false;
        _port = port;
        _protocol = SdpText.NextToken(ref value).ToString();
        _formatTokens = SdpText.Tokens(value);
        return _formatTokens.Count > 0;
    }

    public void ReadBandwidth(ReadOnlySpan<char> value)
    {
        SdpText.SplitAttribute(value, out var modifier, out var number);
        if (SdpText.TryParse(number, out long amount)) _bandwidths.Add(new Bandwidth(modifier.ToString(), amount));
    }

    /// <summary>Takes one a= line; what makes no sense is skipped.</summary>
    public void ReadAttribute(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        switch (name)
        {
            case "rtpmap": _formats.ReadRtpMap(value); break;
            case "fmtp": _formats.ReadFormatParameters(value); break;
            case "rtcp-fb": _formats.ReadFeedback(value); break;
            case "mid": _mid = value.ToString(); break;
            case "extmap": ReadExtension(value); break;
            case "extmap-allow-mixed": ExtensionMapAllowMixed = true; break;
            case "ssrc": ReadSsrc(value); break;
            case "ssrc-group": ReadSsrcGroup(value); break;
            case "rid": ReadRid(value); break;
            case "simulcast": ReadSimulcast(value); break;
            case "ice-ufrag": _usernameFragment = value.ToString(); break;
            case "ice-pwd": _password = value.ToString(); break;
            case "fingerprint": _fingerprints.Add(value.ToString()); break;
            case "setup": _setup = value.ToString().ToLowerInvariant(); break;
            case "candidate":
                if (IceCandidate.TryParse(value, out var candidate)) _candidates.Add(candidate);
                break;
            case "end-of-candidates": _endOfCandidates = true; break;
            case "msid": _mediaStreamIds.Add(value.ToString()); break;
            case "rtcp-mux": _rtcpMux = true; break;
            case "rtcp-rsize": _reducedSizeRtcp = true; break;
            case "bundle-only": _bundleOnly = true; break;
            default:
                if (MediaDirectionExtensions.TryParse(name, out var direction)) _direction = direction;
                break;
        }
    }

    /// <summary>Makes the description, taking from the session level what is not said here.</summary>
    public MediaDescription Build(MediaDescriptionBuilder session) => new()
    {
        Kind = _kind,
        Port = _port,
        Protocol = _protocol,
        FormatTokens = _formatTokens,
        Formats = _formats.Build(_formatTokens),
        Direction = _direction ?? session._direction ?? MediaDirection.SendReceive,
        Mid = _mid,
        Extensions = session._extensions.Count == 0 ? _extensions : [.. session._extensions, .. _extensions],
        Ssrcs = _ssrcs,
        SsrcGroups = _ssrcGroups,
        CanonicalName = _canonicalName,
        Rids = _rids,
        SimulcastSend = _simulcastSend,
        SimulcastReceive = _simulcastReceive,
        IceUsernameFragment = _usernameFragment.Length > 0 ? _usernameFragment : session._usernameFragment,
        IcePassword = _password.Length > 0 ? _password : session._password,
        Fingerprints = _fingerprints.Count > 0 ? _fingerprints : session._fingerprints,
        Setup = _setup.Length > 0 ? _setup : session._setup,
        Candidates = _candidates.Count > 0 ? _candidates : session._candidates,
        EndOfCandidates = _endOfCandidates || session._endOfCandidates,
        MediaStreamIds = _mediaStreamIds,
        RtcpMux = _rtcpMux || session._rtcpMux,
        ReducedSizeRtcp = _reducedSizeRtcp || session._reducedSizeRtcp,
        BundleOnly = _bundleOnly,
        ExtensionMapAllowMixed = ExtensionMapAllowMixed || session.ExtensionMapAllowMixed,
        Bandwidths = _bandwidths,
    };

    private void ReadExtension(ReadOnlySpan<char> value)
    {
        var idAndDirection = SdpText.NextToken(ref value);
        var uri = SdpText.NextToken(ref value);
        MediaDirection? direction = null;
        var slash = idAndDirection.IndexOf('/');
        if (slash >= 0)
        {
            if (!MediaDirectionExtensions.TryParse(idAndDirection[(slash + 1)..], out var parsed)) return;
            direction = parsed;
            idAndDirection = idAndDirection[..slash];
        }

        // Ids from 4096 on ask the answerer to choose (RFC 8285 §6); nobody who publishes or watches needs that.
        if (SdpText.TryParse(idAndDirection, out byte id) && id > 0 && !uri.IsEmpty) _extensions.Add(new ExtensionMapping(id, direction, uri.ToString()));
    }

    private void ReadSsrc(ReadOnlySpan<char> value)
    {
        if (!SdpText.TryParse(SdpText.NextToken(ref value), out uint ssrc)) return;
        if (_knownSsrcs.Add(ssrc)) _ssrcs.Add(ssrc);
        SdpText.SplitAttribute(value, out var name, out var text);
        if (_canonicalName.Length == 0 && name.SequenceEqual("cname")) _canonicalName = text.ToString();
    }

    private void ReadSsrcGroup(ReadOnlySpan<char> value)
    {
        var semantics = SdpText.NextToken(ref value).ToString();
        var ssrcs = new List<uint>();
        while (SdpText.TryParse(SdpText.NextToken(ref value), out uint ssrc)) ssrcs.Add(ssrc);
        if (ssrcs.Count > 0) _ssrcGroups.Add(new SsrcGroup(semantics, ssrcs));
    }

    private void ReadRid(ReadOnlySpan<char> value)
    {
        var id = SdpText.NextToken(ref value);
        var direction = SdpText.NextToken(ref value);
        var isSend = direction.SequenceEqual("send");
        if (id.IsEmpty || (!isSend && !direction.SequenceEqual("recv"))) return;
        _rids.Add(new RidDescription(id.ToString(), isSend, value.ToString()));
    }

    private void ReadSimulcast(ReadOnlySpan<char> value)
    {
        for (var direction = SdpText.NextToken(ref value); !direction.IsEmpty; direction = SdpText.NextToken(ref value))
        {
            var streams = SdpText.NextToken(ref value);
            if (direction.SequenceEqual("send")) _simulcastSend = FirstAlternatives(streams);
            else if (direction.SequenceEqual("recv")) _simulcastReceive = FirstAlternatives(streams);
        }
    }

    private static List<string> FirstAlternatives(ReadOnlySpan<char> streams)
    {
        var ids = new List<string>();
        foreach (var range in streams.Split(';'))
        {
            var stream = streams[range];
            var comma = stream.IndexOf(',');
            var id = (comma < 0 ? stream : stream[..comma]).TrimStart('~');
            if (!id.IsEmpty) ids.Add(id.ToString());
        }

        return ids;
    }
}
