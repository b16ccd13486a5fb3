using System.Net;
using Broadcast.Rtc.Stun;
using CsCheck;

namespace Broadcast.Rtc.Tests.Stun;

public class StunWriterTests
{
    private static readonly byte[] TransactionId = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Theory]
    [InlineData("192.0.2.33", 64)]
    [InlineData("::ffff:192.0.2.33", 64)]
    [InlineData("2001:db8::33", 76)]
    public void WriteBindingSuccess_IsReadBackByTheClient(string address, int expectedLength)
    {
        var mapped = new TransportAddress(IPAddress.Parse(address), 50123);
        var buffer = new byte[StunWriter.MaxResponseLength];
        var length = StunWriter.WriteBindingSuccess(buffer, TransactionId, mapped, "secret"u8);

        Assert.Equal(expectedLength, length);
        Assert.Equal(expectedLength, StunWriter.SuccessLength(mapped));
        Assert.Equal(DropReason.None, StunMessageView.TryParse(buffer.AsSpan(0, length), out var view));
        Assert.True(view.IsBindingSuccess);
        Assert.True(view.VerifyIntegrity("secret"u8));
        Assert.False(view.VerifyIntegrity("other"u8));
        Assert.Equal(TransactionId, view.TransactionId.ToArray());
        Assert.True(view.TryGetXorMappedAddress(out var read));
        Assert.Equal(mapped, read);
    }

    [Fact]
    public void WriteBindingSuccess_IsNeverLargerThanAnIceCheckForThisServer()
    {
        // Sixteen characters of our own fragment, the least RFC 8445 lets a peer send besides.
        var request = new byte[256];
        var requestLength = StunWriter.WriteBindingRequest(request, TransactionId, "0123456789abcdef:peer"u8, "k"u8, 1, 2, true, false);
        Assert.True(StunWriter.SuccessLength(new TransportAddress(IPAddress.IPv6Loopback, 1)) <= requestLength);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(487)]
    [InlineData(699)]
    public void WriteBindingError_CarriesTheCode(int code)
    {
        var buffer = new byte[StunWriter.MaxResponseLength];
        var length = StunWriter.WriteBindingError(buffer, TransactionId, code, default);
        Assert.Equal(DropReason.None, StunMessageView.TryParse(buffer.AsSpan(0, length), out var view));
        Assert.True(view.IsBindingError);
        Assert.Equal(code, view.ErrorCode);
        Assert.False(view.HasMessageIntegrity);
    }

    [Fact]
    public void WriteBindingError_420_ListsWhatWasNotUnderstood()
    {
        var buffer = new byte[StunWriter.MaxResponseLength];
        ushort[] many = [0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x3B, 0x3C];
        var length = StunWriter.WriteBindingError(buffer, TransactionId, 420, "k"u8, many);
        Assert.Equal(DropReason.None, StunMessageView.TryParse(buffer.AsSpan(0, length), out var view));
        Assert.Equal(420, view.ErrorCode);
        Assert.True(view.VerifyIntegrity("k"u8));
        Assert.Equal(new byte[] { 0x00, 0x0A, 0x00, 0x10, 0x00, 0x33, 0x00, 0x34 }, buffer[28..36]);
    }

    [Fact]
    public void WriteBindingRequest_RoundTrips() =>
        Gen.Select(Gen.Char.AlphaNumeric.Array[4, 32], Gen.Byte.Array[1, 80], Gen.UInt, Gen.ULong, Gen.Bool, Gen.Bool)
            .Sample((fragment, key, priority, tieBreaker, controlling, useCandidate) =>
            {
                var username = System.Text.Encoding.ASCII.GetBytes(fragment);
                var buffer = new byte[256];
                var length = StunWriter.WriteBindingRequest(buffer, TransactionId, username, key, priority, tieBreaker, controlling, useCandidate);
                Assert.Equal(DropReason.None, StunMessageView.TryParse(buffer.AsSpan(0, length), out var view));
                Assert.True(view.IsBindingRequest);
                Assert.True(view.VerifyIntegrity(key));
                Assert.Equal(username, view.Username.ToArray());
                Assert.True(view.HasPriority);
                Assert.Equal(priority, view.Priority);
                Assert.Equal(tieBreaker, view.TieBreaker);
                Assert.Equal(controlling, view.IsControlling);
                Assert.Equal(!controlling, view.IsControlled);
                Assert.Equal(useCandidate, view.UseCandidate);
            });
}
