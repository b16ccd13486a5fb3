using Broadcast.Rtc.Sdp;

namespace Broadcast.Signalling.Sessions;

/// <summary>What a session must remember of its offer to understand later fragments.</summary>
/// <param name="UsernameFragment">The peer's first ICE username fragment; empty when the offer names none.</param>
/// <param name="MediaLine">The value of the first m= line, which tags the bundle.</param>
/// <param name="MediaId">The first a=mid value.</param>
/// <param name="VideoIndex">Position of the first video m-line, from 0.</param>
/// <remarks>A scan, not a parse: the media plane has accepted the offer already.</remarks>
internal readonly record struct OfferSummary(string UsernameFragment, string MediaLine, string MediaId, int VideoIndex)
{
    public static OfferSummary Of(string offer) => new(
        First(offer, "a=ice-ufrag:") ?? "",
        First(offer, "m=") ?? TrickleFragment.DefaultMediaLine,
        First(offer, "a=mid:") ?? TrickleFragment.DefaultMid,
        IndexOfVideo(offer));

    private static string? First(string offer, string prefix)
    {
        foreach (var line in offer.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(prefix))
                return line[prefix.Length..].TrimEnd().ToString();
        }

        return null;
    }

    private static int IndexOfVideo(string offer)
    {
        var index = 0;
        foreach (var line in offer.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("m=video"))
                return index;
            if (line.StartsWith("m="))
                index++;
        }

        return 0;
    }
}
