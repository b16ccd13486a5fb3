using System.Diagnostics;

namespace Broadcast.Signalling.Auth;

/// <summary>Text that must not appear in logs, such as a token or a shared key: it prints as dots.</summary>
[DebuggerDisplay("•••")]
public readonly struct Secret(string? value)
{
    private readonly string? _value = value;

    /// <summary>True when there is nothing to keep secret.</summary>
    public bool IsEmpty => string.IsNullOrEmpty(_value);

    /// <summary>The text itself; the call is meant to stand out in a review.</summary>
    public string Reveal() => _value ?? "";

    /// <inheritdoc/>
    public override string ToString() => IsEmpty ? "" : "•••";
}
