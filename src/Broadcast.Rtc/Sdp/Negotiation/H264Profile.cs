using System.Globalization;

namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>The profile classes of H.264 that RTP tells apart; levels may differ (RFC 6184 §8.1, table 5).</summary>
internal enum H264Profile
{
    Unknown,
    ConstrainedBaseline,
    Baseline,
    Main,
    ConstrainedHigh,
    High,
    PredictiveHigh444,
}

/// <summary>What a=fmtp says about an H.264 stream.</summary>
/// <param name="Profile">Class of profile-level-id.</param>
/// <param name="PacketizationMode">0 single NAL units, 1 non-interleaved.</param>
internal readonly record struct H264Parameters(H264Profile Profile, int PacketizationMode)
{
    // A missing profile-level-id means Baseline level 1 by the RFC; libwebrtc reads it as constrained baseline 3.1,
    // and so does every peer that leaves it out.
    private const string DefaultProfileLevelId = "42e01f";

    /// <summary>Reads a=fmtp.</summary>
    public static H264Parameters From(string formatParameters)
    {
        var profileLevelId = FormatParameters.TryGet(formatParameters, "profile-level-id", out var value) ? value : DefaultProfileLevelId;
        return new H264Parameters(ProfileOf(profileLevelId), FormatParameters.GetInt32(formatParameters, "packetization-mode", 0));
    }

    private static H264Profile ProfileOf(ReadOnlySpan<char> profileLevelId)
    {
        if (profileLevelId.Length != 6 || !uint.TryParse(profileLevelId, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)) return H264Profile.Unknown;
        var constraints = (byte)(bits >> 8);
        return (bits >> 16) switch
        {
            0x42 when Matches(constraints, "x1xx0000") => H264Profile.ConstrainedBaseline,
            0x4D when Matches(constraints, "1xxx0000") => H264Profile.ConstrainedBaseline,
            0x58 when Matches(constraints, "11xx0000") => H264Profile.ConstrainedBaseline,
            0x42 when Matches(constraints, "x0xx0000") => H264Profile.Baseline,
            0x58 when Matches(constraints, "10xx0000") => H264Profile.Baseline,
            0x4D when Matches(constraints, "0x0x0000") => H264Profile.Main,
            0x64 when constraints == 0x00 => H264Profile.High,
            0x64 when constraints == 0x0C => H264Profile.ConstrainedHigh,
            0xF4 when constraints == 0x00 => H264Profile.PredictiveHigh444,
            _ => H264Profile.Unknown,
        };
    }

    /// <summary>Compares the eight constraint bits with a pattern of 0, 1 and x, most significant first.</summary>
    private static bool Matches(byte constraints, string pattern)
    {
        for (var i = 0; i < 8; i++)
        {
            var bit = (constraints >> (7 - i)) & 1;
            if (pattern[i] != 'x' && pattern[i] - '0' != bit) return false;
        }

        return true;
    }
}
