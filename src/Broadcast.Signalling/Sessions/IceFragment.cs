namespace Broadcast.Signalling.Sessions;

/// <summary>The parts of a trickled SDP fragment (RFC 8840 §9) that an ICE-lite server looks at.</summary>
/// <param name="UsernameFragment">The peer's username fragment; null when the fragment names none.</param>
/// <param name="Password">The peer's password; null when the fragment names none.</param>
/// <param name="MediaLine">The first m= line, without line end; null when there is none.</param>
/// <param name="MediaId">The first a=mid value; null when there is none.</param>
/// <remarks>
/// Candidates are checked for form and then dropped: a lite agent (RFC 8445 §2.5) sends no checks of its own,
/// it learns the peer's addresses from the checks that arrive.
/// </remarks>
internal sealed record IceFragment(string? UsernameFragment, string? Password, string? MediaLine, string? MediaId)
{
    private const int MaxCandidateLength = 1024;

    /// <summary>Reads a fragment; lines end in CRLF or LF.</summary>
    /// <returns>False when a line is no SDP, or nothing in it concerns ICE.</returns>
    public static bool TryParse(string text, out IceFragment fragment)
    {
        string? usernameFragment = null, password = null, mediaLine = null, mediaId = null;
        var candidates = 0;
        fragment = new IceFragment(null, null, null, null);
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.TrimEnd();
            if (line.IsEmpty)
                continue;
            if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetterLower(line[0]))
                return false;
            var value = line[2..];
            if (line[0] == 'm')
            {
                if (!IsMediaLine(value))
                    return false;
                mediaLine ??= line.ToString();
            }

            if (line[0] != 'a')
                continue;
            if (Attribute(value, "ice-ufrag:", out var rest))
            {
                if (!IceCredentials.IsUsernameFragment(rest) || Contradicts(usernameFragment, rest))
                    return false;
                usernameFragment ??= rest.ToString();
            }
            else if (Attribute(value, "ice-pwd:", out rest))
            {
                if (!IceCredentials.IsPassword(rest) || Contradicts(password, rest))
                    return false;
                password ??= rest.ToString();
            }
            else if (Attribute(value, "candidate:", out rest))
            {
                if (!IsCandidate(rest))
                    return false;
                candidates++;
            }
            else if (Attribute(value, "mid:", out rest))
            {
                if (rest.IsEmpty || rest.Length > 64)
                    return false;
                mediaId ??= rest.ToString();
            }
            else if (value is "end-of-candidates")
            {
                candidates++;
            }
        }

        fragment = new IceFragment(usernameFragment, password, mediaLine, mediaId);
        return candidates > 0 || usernameFragment is not null;
    }

    private static bool Attribute(ReadOnlySpan<char> value, string name, out ReadOnlySpan<char> rest)
    {
        var found = value.StartsWith(name);
        rest = found ? value[name.Length..].Trim() : default;
        return found;
    }

    // Everything is bundled, so all sections must speak of the same ICE session.
    private static bool Contradicts(string? earlier, ReadOnlySpan<char> now) => earlier is not null && !now.SequenceEqual(earlier);

    private static bool IsMediaLine(ReadOnlySpan<char> value) =>
        value.Length <= 512 && (value.StartsWith("audio ") || value.StartsWith("video ") || value.StartsWith("application "));

    // foundation component transport priority address port typ type … (RFC 8839 §5.1)
    private static bool IsCandidate(ReadOnlySpan<char> value)
    {
        if (value.Length > MaxCandidateLength)
            return false;
        Span<Range> words = stackalloc Range[9];
        var count = value.Split(words, ' ', StringSplitOptions.RemoveEmptyEntries);
        return count >= 8
            && ushort.TryParse(value[words[1]], out _)
            && uint.TryParse(value[words[3]], out _)
            && ushort.TryParse(value[words[5]], out _)
            && value[words[6]] is "typ";
    }
}
