namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>One decoded frame of the test card.</summary>
public sealed class CardFrame
{
    /// <summary>The number on the card, modulo 65536; −1 when it cannot be read.</summary>
    public int Number { get; set; }

    /// <summary>As in its RTP packets, at 90 kHz.</summary>
    public uint RtpTimestamp { get; set; }

    /// <summary>When the page received it.</summary>
    public double AtMs { get; set; }
}

/// <summary>What a viewer's page saw and heard of the test card's events.</summary>
public sealed class CardEvents
{
    public CardFlash[] Seen { get; set; } = [];

    /// <summary>Clicks, in milliseconds since 1970.</summary>
    public double[] Heard { get; set; } = [];
}

/// <summary>A flash on the viewer's screen.</summary>
public sealed class CardFlash
{
    public int Event { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public double At { get; set; }
}

/// <summary>A flash and a click as they left the publisher's page, in milliseconds since 1970.</summary>
public sealed class CardMoment
{
    public int Event { get; set; }

    public double Click { get; set; }

    public double Flash { get; set; }
}
