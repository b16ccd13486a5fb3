namespace Broadcast.Rtc.Sdp;

/// <summary>Which way media may flow, as seen by the side that wrote the description (RFC 8866 §6.7).</summary>
public enum MediaDirection
{
    /// <summary>Both ways; the default.</summary>
    SendReceive,

    /// <summary>From the writer only.</summary>
    SendOnly,

    /// <summary>To the writer only.</summary>
    ReceiveOnly,

    /// <summary>Neither way.</summary>
    Inactive,
}

/// <summary>Reading, writing and turning round directions.</summary>
public static class MediaDirectionExtensions
{
    /// <summary>True when the writer may send.</summary>
    public static bool Sends(this MediaDirection direction) => direction is MediaDirection.SendReceive or MediaDirection.SendOnly;

    /// <summary>True when the writer may receive.</summary>
    public static bool Receives(this MediaDirection direction) => direction is MediaDirection.SendReceive or MediaDirection.ReceiveOnly;

    /// <summary>The same flow seen from the other side (RFC 3264 §6.1).</summary>
    public static MediaDirection Inverted(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => MediaDirection.ReceiveOnly,
        MediaDirection.ReceiveOnly => MediaDirection.SendOnly,
        _ => direction,
    };

    /// <summary>The attribute's name in SDP.</summary>
    public static string ToSdp(this MediaDirection direction) => direction switch
    {
        MediaDirection.SendOnly => "sendonly",
        MediaDirection.ReceiveOnly => "recvonly",
        MediaDirection.Inactive => "inactive",
        _ => "sendrecv",
    };

    /// <summary>Reads an attribute's name or the suffix of an extmap id.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MediaDirection direction)
    {
        for (direction = MediaDirection.SendReceive; direction <= MediaDirection.Inactive; direction++)
        {
            if (text.SequenceEqual(direction.ToSdp())) return true;
        }

        direction = default;
        return false;
    }
}
