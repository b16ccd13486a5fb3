using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class ExtensionTemplateTests
{
    private static readonly HeaderExtensionMap Viewer = Maps.Of(
        (HeaderExtensionKind.Mid, 4),
        (HeaderExtensionKind.TransportSequenceNumber, 3),
        (HeaderExtensionKind.AbsoluteSendTime, 2),
        (HeaderExtensionKind.PlayoutDelay, 5),
        (HeaderExtensionKind.AudioLevel, 1));

    [Fact]
    public void Copied_and_patched_block_carries_the_three_values()
    {
        var template = new ExtensionTemplate(Viewer, "0"u8, twoByte: false);
        var block = new byte[template.Length];
        Assert.Equal(block.Length, template.CopyTo(block));
        template.Patch(block, 0x1234, 0xABCDEF);
        Assert.Equal(Hex.Bytes("BEDE 0003 4030 311234 22ABCDEF 000000"), block);
    }

    [Fact]
    public void Appended_elements_follow_and_the_offsets_still_hold()
    {
        var template = new ExtensionTemplate(Viewer, "0"u8, twoByte: false);
        Span<byte> block = stackalloc byte[32];
        var writer = template.Begin(block);
        Span<byte> delay = stackalloc byte[PlayoutDelay.Length];
        PlayoutDelay.Write(delay, 0, 40);
        writer.Write(HeaderExtensionKind.PlayoutDelay, delay);
        ForwardableExtensions.CopyTo([(byte)HeaderExtensionKind.AudioLevel, 1, 0x85, (byte)HeaderExtensionKind.VideoContentType, 1, 1], ref writer);
        var length = writer.Finish();
        template.Patch(block, 1, 2);
        Assert.Equal(Hex.Bytes("BEDE 0004 4030 310001 22000002 52000028 1085 00"), block[..length].ToArray());
    }

    [Fact]
    public void Viewer_without_extensions_gets_an_empty_block()
    {
        var template = new ExtensionTemplate(new HeaderExtensionMap(), "0"u8, twoByte: false);
        Assert.Equal(0, template.Length);
        Assert.Equal(-1, template.TransportSequenceNumberOffset);
        template.Patch([], 1, 1);
        Span<byte> block = stackalloc byte[16];
        var writer = template.Begin(block);
        Assert.Equal(0, writer.Finish());
    }

    [Fact]
    public void A_long_mid_makes_the_block_two_byte()
    {
        var template = new ExtensionTemplate(Viewer, "a-mid-of-twenty-byte"u8, twoByte: false);
        var block = new byte[template.Length];
        template.CopyTo(block);
        var reader = new HeaderExtensionReader(0x1000, block.AsSpan(4));
        Assert.Equal(0x10, block[0]);
        Assert.True(reader.TryRead(out var id, out var value));
        Assert.Equal(4, id);
        Assert.Equal(20, value.Length);
    }
}
