namespace Broadcast.Rtc.Sdp;

/// <summary>Splits text into "letter=value" lines; an empty line is skipped.</summary>
internal ref struct SdpLines
{
    private readonly int _maxLines;
    private ReadOnlySpan<char> _rest;

    public SdpLines(ReadOnlySpan<char> text, int maxLines)
    {
        _rest = text;
        _maxLines = maxLines;
    }

    /// <summary>The number of the current line, from 1, counting empty ones.</summary>
    public int LineNumber { get; private set; }

    /// <summary>The letter in front of "=".</summary>
    public char Letter { get; private set; }

    /// <summary>What is behind it.</summary>
    public ReadOnlySpan<char> Value { get; private set; }

    /// <summary>Steps to the next line that is not empty.</summary>
    /// <returns>False at the end or, with an error, at a line that is not SDP.</returns>
    public bool MoveNext(out string? error)
    {
        error = null;
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOfAny('\r', '\n');
            var line = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(_rest[end..].StartsWith("\r\n") ? end + 2 : end + 1)..];
            if (++LineNumber > _maxLines)
            {
                error = $"The SDP has more than {_maxLines} lines.";
                return false;
            }

            line = line.TrimEnd(' ');
            if (line.IsEmpty) continue;
            if (line.Length < 2 || line[1] != '=' || !char.IsAsciiLetter(line[0]))
            {
                error = $"Line {LineNumber} of the SDP is not of the form \"letter=value\".";
                return false;
            }

            // Parts of lines go back into answers: a control character must not come along.
            if (line.ContainsAnyInRange('\0', '\u001F') && ContainsControl(line))
            {
                error = $"Line {LineNumber} of the SDP contains a control character.";
                return false;
            }

            Letter = line[0];
            Value = line[2..];
            return true;
        }

        return false;
    }

    private static bool ContainsControl(ReadOnlySpan<char> line)
    {
        foreach (var c in line)
        {
            if (c < ' ' && c != '\t') return true;
        }

        return false;
    }
}
