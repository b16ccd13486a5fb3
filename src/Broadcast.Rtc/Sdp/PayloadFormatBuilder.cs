namespace Broadcast.Rtc.Sdp;

/// <summary>Brings together the a=rtpmap, a=fmtp and a=rtcp-fb lines of each payload type, in whatever order they came.</summary>
internal sealed class PayloadFormatBuilder
{
    private readonly Dictionary<byte, (string Name, int ClockRateHz, int Channels)> _rtpMaps = [];
    private readonly Dictionary<byte, string> _parameters = [];
    private readonly Dictionary<byte, List<string>> _feedback = [];
    private readonly List<string> _feedbackForAll = [];

    /// <summary>"pt name/clock[/channels]".</summary>
    public void ReadRtpMap(ReadOnlySpan<char> value)
    {
        if (!SdpText.TryParsePayloadType(SdpText.NextToken(ref value), out var payloadType)) return;
        var encoding = SdpText.NextToken(ref value);
        var slash = encoding.IndexOf('/');
        if (slash <= 0) return;
        var name = encoding[..slash];
        var rest = encoding[(slash + 1)..];
        var channels = 1;
        slash = rest.IndexOf('/');
        if (slash >= 0 && (!SdpText.TryParse(rest[(slash + 1)..], out channels) || channels == 0)) return;
        if (!SdpText.TryParse(slash < 0 ? rest : rest[..slash], out int clockRateHz) || clockRateHz == 0) return;
        _rtpMaps.TryAdd(payloadType, (name.ToString(), clockRateHz, channels));
    }

    /// <summary>"pt parameters".</summary>
    public void ReadFormatParameters(ReadOnlySpan<char> value)
    {
        if (!SdpText.TryParsePayloadType(SdpText.NextToken(ref value), out var payloadType)) return;
        _parameters.TryAdd(payloadType, value.Trim().ToString());
    }

    /// <summary>"pt message" or "* message" (RFC 4585 §4.2).</summary>
    public void ReadFeedback(ReadOnlySpan<char> value)
    {
        var target = SdpText.NextToken(ref value);
        var message = value.Trim().ToString();
        if (target.SequenceEqual("*"))
        {
            _feedbackForAll.Add(message);
        }
        else if (SdpText.TryParsePayloadType(target, out var payloadType))
        {
            if (!_feedback.TryGetValue(payloadType, out var messages)) _feedback[payloadType] = messages = [];
            messages.Add(message);
        }
    }

    /// <summary>The described formats among the tokens of the m-line, each once, in their order.</summary>
    public List<PayloadFormat> Build(List<string> tokens)
    {
        var formats = new List<PayloadFormat>();
        var seen = new HashSet<byte>();
        foreach (var token in tokens)
        {
            if (!SdpText.TryParsePayloadType(token, out var payloadType) || !seen.Add(payloadType)) continue;
            if (!_rtpMaps.TryGetValue(payloadType, out var map) && !TryGetStatic(payloadType, out map)) continue;
            var own = _feedback.GetValueOrDefault(payloadType);
            IReadOnlyList<string> feedback = own is null ? _feedbackForAll : [.. own, .. _feedbackForAll];
            formats.Add(new PayloadFormat(payloadType, map.Name, map.ClockRateHz, map.Channels, _parameters.GetValueOrDefault(payloadType, ""), feedback));
        }

        return formats;
    }

    /// <summary>Payload types that need no a=rtpmap (RFC 3551 §6), as far as this server carries them.</summary>
    private static bool TryGetStatic(byte payloadType, out (string Name, int ClockRateHz, int Channels) map)
    {
        map = payloadType switch
        {
            0 => ("PCMU", 8000, 1),
            8 => ("PCMA", 8000, 1),
            _ => default,
        };
        return map.Name != null;
    }
}
