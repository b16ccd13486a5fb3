using System.Text;
using Broadcast.Rtc.Sdp;
using Broadcast.Rtc.Sdp.Negotiation;
using Broadcast.Rtc.Tests.Sdp.Negotiation;
using CsCheck;

namespace Broadcast.Rtc.Tests.Sdp;

/// <summary>Whatever happens to an offer on its way, nothing throws, and what is answered is a valid answer.</summary>
public class SdpMutationTests
{
    private static readonly Gen<string> Offer = Gen.Int[0, Offers.Names.Count - 1].Select(i => Offers.Text(Offers.Names[i]));

    [Theory]
    [MemberData(nameof(Offers.All), MemberType = typeof(Offers))]
    public void Every_truncation_is_read_or_refused(string name)
    {
        var text = Offers.Text(name);
        for (var length = 0; length <= text.Length; length++) Check(text[..length]);
    }

    [Fact]
    public void Overwritten_characters_never_throw() =>
        Gen.Select(Offer, Gen.Select(Gen.Int[0, 100_000], Gen.Char["\0\t\n\r :;,/=*~-019azAZ\u00e9\ud800"]).Array[1, 8]).Sample((text, edits) =>
        {
            var changed = new StringBuilder(text);
            foreach (var (position, character) in edits) changed[position % text.Length] = character;
            Check(changed.ToString());
        });

    [Fact]
    public void Shuffled_dropped_and_doubled_lines_never_throw() =>
        Gen.Select(Offer, Gen.Int[0, 1 << 20].Array[1, 12]).Sample((text, edits) =>
        {
            var lines = text.Split("\r\n").ToList();
            foreach (var edit in edits)
            {
                var from = (edit >> 2) % lines.Count;
                var to = (edit >> 9) % lines.Count;
                switch (edit & 3)
                {
                    case 0: (lines[from], lines[to]) = (lines[to], lines[from]); break;
                    case 1 when lines.Count > 1: lines.RemoveAt(from); break;
                    case 2: lines.Insert(to, lines[from]); break;
                    default: lines[from] = lines[from][..(lines[from].Length / 2)] + lines[to]; break;
                }
            }

            Check(string.Join("\r\n", lines));
        });

    [Fact]
    public void Two_offers_spliced_together_never_throw() =>
        Gen.Select(Offer, Offer, Gen.Double[0, 1], Gen.Double[0, 1]).Sample((a, b, cutA, cutB) =>
            Check(a[..(int)(a.Length * cutA)] + b[(int)(b.Length * cutB)..]));

    [Fact]
    public void Random_text_never_throws() => Gen.String[0, 300].Sample(text => Check("v=0\r\n" + text));

    private static void Check(string text)
    {
        if (!TrickleFragment.TryParse(text, out _, out var fragmentError)) Assert.NotEmpty(fragmentError);
        if (!SessionDescription.TryParse(text, out var offer, out var error))
        {
            Assert.False(string.IsNullOrEmpty(error));
            return;
        }

        Check(offer, PublisherNegotiation.Answer(offer, Negotiating.Local, PublisherPolicy.Default));
        foreach (var tracks in Negotiating.Publications) Check(offer, Negotiating.Watch(offer, tracks));
    }

    private static void Check(SessionDescription offer, NegotiationResult result)
    {
        if (result is NegotiationResult.Accepted accepted) AnswerRules.Check(offer, accepted.Session);
        else Assert.EndsWith(".", Assert.IsType<NegotiationResult.Refused>(result).Detail, StringComparison.Ordinal);
    }
}
