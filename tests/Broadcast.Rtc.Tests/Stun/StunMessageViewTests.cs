using System.Buffers.Binary;
using System.Net;
using Broadcast.Rtc.Stun;
using CsCheck;

namespace Broadcast.Rtc.Tests.Stun;

public class StunMessageViewTests
{
    private static readonly byte[] TransactionId = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Fact]
    public void TryParse_EveryTruncation_IsDropped()
    {
        var request = Request();
        for (var length = 0; length < request.Length; length++)
        {
            // A copy of its own, so that reading past the end would be noticed.
            var reason = StunMessageView.TryParse(request.AsSpan(0, length).ToArray(), out _);
            Assert.NotEqual(DropReason.None, reason);
        }
    }

    [Fact]
    public void TryParse_TruncationWithMatchingLength_IsReadOrDroppedButNeverOverread()
    {
        var request = Request();
        for (var length = 20; length < request.Length; length += 4)
        {
            var cut = request.AsSpan(0, length).ToArray();
            BinaryPrimitives.WriteUInt16BigEndian(cut.AsSpan(2), (ushort)(length - 20));
            if (StunMessageView.TryParse(cut, out var view) == DropReason.None) Touch(view);
        }
    }

    [Fact]
    public void TryParse_RandomBytes_NeverThrows() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            if (StunMessageView.TryParse(bytes, out var view) == DropReason.None) Touch(view);
        });

    [Fact]
    public void TryParse_RandomAttributesBehindAValidHeader_NeverThrows() =>
        Gen.Select(Gen.Byte.Array[0, 120], Gen.Int[0, 0xFFFF]).Sample((body, type) =>
        {
            var message = new byte[20 + (body.Length & ~3)];
            body.AsSpan(0, message.Length - 20).CopyTo(message.AsSpan(20));
            BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)(type & 0x3FFF));
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)(message.Length - 20));
            BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), 0x2112A442);
            if (StunMessageView.TryParse(message, out var view) == DropReason.None) Touch(view);
        });

    [Theory]
    [InlineData(0, 0x40, DropReason.UnknownFirstByte)]
    [InlineData(3, 0x50, DropReason.StunBadLength)]
    [InlineData(3, 0x51, DropReason.StunBadLength)]
    [InlineData(4, 0x22, DropReason.StunBadMagicCookie)]
    [InlineData(12, 0x55, DropReason.StunBadFingerprint)]
    [InlineData(23, 0xFF, DropReason.StunMalformedAttribute)]
    public void TryParse_DamagedByte_NamesTheReason(int offset, byte value, DropReason expected)
    {
        var request = Request();
        request[offset] = value;
        Assert.Equal(expected, StunMessageView.TryParse(request, out _));
    }

    [Fact]
    public void TryParse_LargerThanAnyCheck_IsDropped()
    {
        var message = new byte[1504];
        BinaryPrimitives.WriteUInt16BigEndian(message, StunMessageType.BindingRequest);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), 1484);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), 0x2112A442);
        Assert.Equal(DropReason.StunBadLength, StunMessageView.TryParse(message, out _));
    }

    [Theory]
    [InlineData(StunAttributeType.Priority, 8)]
    [InlineData(StunAttributeType.IceControlling, 4)]
    [InlineData(StunAttributeType.IceControlled, 12)]
    [InlineData(StunAttributeType.UseCandidate, 4)]
    [InlineData(StunAttributeType.MessageIntegrity, 16)]
    [InlineData(StunAttributeType.XorMappedAddress, 8)]
    [InlineData(StunAttributeType.ErrorCode, 0)]
    [InlineData(StunAttributeType.Fingerprint, 8)]
    public void TryParse_AttributeOfTheWrongSize_IsMalformed(ushort type, int length)
    {
        var builder = new StunMessageBuilder(new byte[64], StunMessageType.BindingRequest, TransactionId);
        builder.Append(type, length).Clear();
        Assert.Equal(DropReason.StunMalformedAttribute, ParseWithoutFingerprint(builder, length + 24));
    }

    [Fact]
    public void TryParse_FingerprintNotLast_IsMalformed()
    {
        var message = new byte[36];
        BinaryPrimitives.WriteUInt16BigEndian(message, StunMessageType.BindingRequest);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), 16);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), 0x2112A442);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(20), StunAttributeType.Fingerprint);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(22), 4);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(24), StunFingerprint.Compute(message.AsSpan(0, 20)));
        Assert.Equal(DropReason.StunMalformedAttribute, StunMessageView.TryParse(message, out _));
    }

    [Fact]
    public void Attributes_AfterMessageIntegrity_AreIgnored()
    {
        var buffer = new byte[256];
        var key = "password"u8;
        var builder = new StunMessageBuilder(buffer, StunMessageType.BindingRequest, TransactionId);
        builder.AppendBytes(StunAttributeType.Username, "aaaa:bbbb"u8);
        var integrityOffset = 20 + 16;
        StunIntegrity.Compute(buffer, integrityOffset, key, builder.Append(StunAttributeType.MessageIntegrity, 20));
        builder.Append(StunAttributeType.UseCandidate, 0);
        builder.AppendUInt32(0x0033, 1);
        var length = builder.Finish(default);

        Assert.Equal(DropReason.None, StunMessageView.TryParse(buffer.AsSpan(0, length), out var view));
        Assert.True(view.VerifyIntegrity(key));
        Assert.False(view.UseCandidate);
        Assert.False(view.HasUnknownComprehensionRequired);
    }

    [Fact]
    public void UnknownAttributes_BelowTheOptionalRange_AreListed()
    {
        var buffer = new byte[256];
        var builder = new StunMessageBuilder(buffer, StunMessageType.BindingRequest, TransactionId);
        builder.AppendUInt32(0x0033, 1);
        builder.AppendUInt32(0xC057, 1); // network cost, optional
        builder.AppendUInt32(0xC001, 7); // nomination, optional
        builder.AppendUInt32(0x0044, 1);
        var length = builder.Finish("k"u8);

        Assert.Equal(DropReason.None, StunMessageView.TryParse(buffer.AsSpan(0, length), out var view));
        Assert.True(view.HasUnknownComprehensionRequired);
        Assert.True(view.HasNomination);
        Assert.Equal(7u, view.Nomination);
        Span<ushort> unknown = stackalloc ushort[8];
        Assert.Equal([0x0033, 0x0044], unknown[..view.CopyUnknownComprehensionRequired(unknown)].ToArray());
        Assert.Equal(1, view.CopyUnknownComprehensionRequired(unknown[..1]));
    }

    [Theory]
    [InlineData("abc:def", true)]
    [InlineData("abc:", true)]
    [InlineData("abc:d:e", true)]
    [InlineData(":def", false)]
    [InlineData("abc", false)]
    [InlineData("", false)]
    public void TrySplitUsername_SplitsAtTheFirstColon(string username, bool expected)
    {
        var buffer = new byte[256];
        var length = StunWriter.WriteBindingRequest(buffer, TransactionId, System.Text.Encoding.ASCII.GetBytes(username), "k"u8, 1, 2, true, false);
        Assert.Equal(DropReason.None, StunMessageView.TryParse(buffer.AsSpan(0, length), out var view));
        Assert.Equal(expected, view.TrySplitUsername(out var local, out var remote));
        if (!expected) return;
        Assert.Equal("abc", System.Text.Encoding.ASCII.GetString(local));
        Assert.Equal(username[4..], System.Text.Encoding.ASCII.GetString(remote));
    }

    [Fact]
    public void ReadingAndAnswering_AllocatesNothing()
    {
        var request = Request();
        var response = new byte[StunWriter.MaxResponseLength];
        var from = new TransportAddress(IPAddress.Parse("198.51.100.7"), 40000);
        Answer();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Answer();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Answer()
        {
            StunMessageView.TryParse(request, out var view);
            if (!view.VerifyIntegrity("password"u8)) throw new InvalidOperationException("The check must verify.");
            StunWriter.WriteBindingSuccess(response, view.TransactionId, from, "password"u8);
        }
    }

    private static byte[] Request()
    {
        var buffer = new byte[256];
        var length = StunWriter.WriteBindingRequest(buffer, TransactionId, "server01:peer"u8, "password"u8, 0x6E0001FF, 42, true, true);
        return buffer[..length];
    }

    private static DropReason ParseWithoutFingerprint(StunMessageBuilder builder, int length)
    {
        var buffer = new byte[128];
        builder.Message[..length].CopyTo(buffer);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(2), (ushort)(length - 20));
        return StunMessageView.TryParse(buffer.AsSpan(0, length), out _);
    }

    private static void Touch(StunMessageView view)
    {
        _ = view.Username.Length + view.TransactionId.Length;
        view.TrySplitUsername(out _, out _);
        view.VerifyIntegrity("password"u8);
        view.TryGetXorMappedAddress(out _);
        Span<ushort> unknown = stackalloc ushort[4];
        view.CopyUnknownComprehensionRequired(unknown);
    }
}
