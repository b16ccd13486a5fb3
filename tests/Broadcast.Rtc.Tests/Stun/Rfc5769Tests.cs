using System.Net;
using System.Text;
using Broadcast.Rtc.Stun;

namespace Broadcast.Rtc.Tests.Stun;

public class Rfc5769Tests
{
    private static readonly byte[] Password = Encoding.ASCII.GetBytes("VOkJxbRl1RmTxUk/WvJxBt");
    private static readonly byte[] TransactionId = Convert.FromHexString("b7e7a701bc34d686fa87dfae");

    // §2.1
    private static readonly byte[] Request = Convert.FromHexString(
        "000100582112a442b7e7a701bc34d686fa87dfae" +
        "802200105354554e207465737420636c69656e74" +
        "002400046e0001ff" +
        "80290008932ff9b151263b36" +
        "000600096576746a3a68367659202020" +
        "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" +
        "80280004e57a3bcf");

    // §2.2
    private static readonly byte[] ResponseIPv4 = Convert.FromHexString(
        "0101003c2112a442b7e7a701bc34d686fa87dfae" +
        "8022000b7465737420766563746f7220" +
        "002000080001a147e112a643" +
        "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7" +
        "80280004c07d4c96");

    // §2.3
    private static readonly byte[] ResponseIPv6 = Convert.FromHexString(
        "010100482112a442b7e7a701bc34d686fa87dfae" +
        "8022000b7465737420766563746f7220" +
        "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9" +
        "00080014a382954e4be67bf11784c97c8292c275bfe3ed41" +
        "80280004c8fb0b4c");

    // §2.4
    private static readonly byte[] LongTermRequest = Convert.FromHexString(
        "000100602112a44278ad3433c6ad72c029da412e" +
        "00060012e3839ee38388e383aae38383e382afe382b90000" +
        "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341" +
        "0014000b6578616d706c652e6f726700" +
        "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666");

    [Fact]
    public void Section_2_1_request_is_read_and_verified()
    {
        Assert.Equal(DropReason.None, StunMessageView.TryParse(Request, out var view));
        Assert.True(view.IsBindingRequest);
        Assert.Equal(TransactionId, view.TransactionId.ToArray());
        Assert.Equal("evtj:h6vY", Encoding.ASCII.GetString(view.Username));
        Assert.True(view.TrySplitUsername(out var local, out var remote));
        Assert.Equal("evtj", Encoding.ASCII.GetString(local));
        Assert.Equal("h6vY", Encoding.ASCII.GetString(remote));
        Assert.Equal(0x6e0001ffu, view.Priority);
        Assert.True(view.IsControlled);
        Assert.False(view.IsControlling);
        Assert.Equal(0x932ff9b151263b36UL, view.TieBreaker);
        Assert.True(view.HasFingerprint);
        Assert.False(view.UseCandidate);
        Assert.False(view.HasUnknownComprehensionRequired);
        Assert.True(view.VerifyIntegrity(Password));
        Assert.False(view.VerifyIntegrity("VOkJxbRl1RmTxUk/WvJxBu"u8));
    }

    [Fact]
    public void Section_2_2_response_gives_the_IPv4_address()
    {
        Assert.Equal(DropReason.None, StunMessageView.TryParse(ResponseIPv4, out var view));
        Assert.True(view.IsBindingSuccess);
        Assert.True(view.VerifyIntegrity(Password));
        Assert.True(view.TryGetXorMappedAddress(out var mapped));
        Assert.Equal(new TransportAddress(IPAddress.Parse("192.0.2.1"), 32853), mapped);
    }

    [Fact]
    public void Section_2_3_response_gives_the_IPv6_address()
    {
        Assert.Equal(DropReason.None, StunMessageView.TryParse(ResponseIPv6, out var view));
        Assert.True(view.IsBindingSuccess);
        Assert.True(view.VerifyIntegrity(Password));
        Assert.True(view.TryGetXorMappedAddress(out var mapped));
        Assert.Equal(new TransportAddress(IPAddress.Parse("2001:db8:1234:5678:11:2233:4455:6677"), 32853), mapped);
    }

    [Fact]
    public void Section_2_4_request_verifies_with_the_long_term_key()
    {
        // MD5("マトリックス:example.org:TheMatrIX"), the key of RFC 8489 §9.2.2.
        var key = Convert.FromHexString("e8ca7ad59d5eb0518e312911d2dab2a9");
        Assert.Equal(DropReason.None, StunMessageView.TryParse(LongTermRequest, out var view));
        Assert.Equal("マトリックス", Encoding.UTF8.GetString(view.Username));
        Assert.False(view.HasFingerprint);
        Assert.True(view.VerifyIntegrity(key));
    }

    [Fact]
    public void A_flipped_bit_never_leaves_a_message_that_verifies()
    {
        foreach (var vector in new[] { Request, ResponseIPv4, ResponseIPv6 })
        {
            for (var bit = 0; bit < vector.Length * 8; bit++)
            {
                var damaged = (byte[])vector.Clone();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                if (StunMessageView.TryParse(damaged, out var view) != DropReason.None) continue;

                // A wrong length can hide FINGERPRINT inside another attribute; integrity must then fail,
                // except where the damage is behind what it covers.
                Assert.False(view.HasFingerprint);
                Assert.Equal(bit / 8 >= vector.Length - 8, view.VerifyIntegrity(Password));
            }
        }
    }
}
