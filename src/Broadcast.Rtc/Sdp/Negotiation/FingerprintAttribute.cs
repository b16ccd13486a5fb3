namespace Broadcast.Rtc.Sdp.Negotiation;

/// <summary>Reads a=fingerprint values (RFC 8122 §5).</summary>
internal static class FingerprintAttribute
{
    /// <summary>Those with a hash this server accepts and of the right length, in one spelling.</summary>
    public static List<string> Usable(IReadOnlyList<string> values)
    {
        var usable = new List<string>();
        foreach (var value in values)
        {
            ReadOnlySpan<char> rest = value;
            var algorithm = SdpText.NextToken(ref rest).ToString().ToLowerInvariant();
            var hash = SdpText.NextToken(ref rest).ToString().ToUpperInvariant();
            var bytes = algorithm switch
            {
                "sha-256" => 32,
                "sha-384" => 48,
                "sha-512" => 64,
                _ => 0, // sha-1 and md5 no longer identify anybody
            };
            if (bytes > 0 && IsHash(hash, bytes)) usable.Add($"{algorithm} {hash}");
        }

        return usable;
    }

    private static bool IsHash(string hash, int bytes)
    {
        if (hash.Length != (bytes * 3) - 1) return false;
        for (var i = 0; i < hash.Length; i++)
        {
            if (i % 3 == 2 ? hash[i] != ':' : !char.IsAsciiHexDigitUpper(hash[i])) return false;
        }

        return true;
    }
}
