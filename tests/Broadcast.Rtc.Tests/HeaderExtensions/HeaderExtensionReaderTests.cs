using Broadcast.Rtc.HeaderExtensions;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

/// <summary>The layouts of RFC 8285 §4.2 and §4.3.</summary>
public class HeaderExtensionReaderTests
{
    [Fact]
    public void One_byte_elements_with_padding_between_them_are_read()
    {
        // §4.2's figure: a 1-byte, a 2-byte element, padding, a 4-byte element.
        Assert.Equal("1=AA 2=BBBB 3=CCCCCCCC", Read(0xBEDE, "10AA 21BBBB 0000 33CCCCCCCC 00"));
    }

    [Fact]
    public void Two_byte_elements_may_be_empty_and_have_any_id()
    {
        // §4.3's figure: an empty, a 1-byte element, padding, a 4-byte element.
        Assert.Equal("1= 200=BB 15=CCCCCCCC", Read(0x1000, "0100 C801BB 00 0F04CCCCCCCC"));
        Assert.Equal("1=BB", Read(0x100A, "0101BB00"));
    }

    [Theory]
    [InlineData(0xBEDE, "10AA F0BB 20CC", "1=AA")] // id 15 stops the walk
    [InlineData(0xBEDE, "10AA 01BBBB 20CC", "1=AA")] // id 0 with a length stops it too
    [InlineData(0xBEDE, "10AA 2FBBBB", "1=AA")] // runs past the end
    [InlineData(0x1000, "0101AA 02", "1=AA")]
    [InlineData(0x1000, "0101AA 02FFBB", "1=AA")]
    [InlineData(0xABCD, "10AA", "")]
    [InlineData(0xBEDE, "", "")]
    public void Malformed_rest_is_ignored(ushort profile, string data, string expected) =>
        Assert.Equal(expected, Read(profile, data));

    [Fact]
    public void Every_truncation_yields_a_prefix_of_the_elements()
    {
        var whole = Hex.Bytes("10AA 21BBBB 33CCCCCCCC");
        int[] ends = [2, 5, 10];
        for (var length = 0; length <= whole.Length; length++)
        {
            var reader = new HeaderExtensionReader(0xBEDE, whole.AsSpan(0, length));
            var count = 0;
            while (reader.TryRead(out _, out _)) count++;
            Assert.Equal(ends.Count(end => end <= length), count);
        }
    }

    [Fact]
    public void Random_bytes_end_and_stay_inside() =>
        Gen.Select(Gen.OneOf((ushort)0xBEDE, (ushort)0x1000, (ushort)0x1005), Gen.Byte.Array[0, 300]).Sample((profile, data) =>
        {
            var reader = new HeaderExtensionReader(profile, data);
            var total = 0;
            while (reader.TryRead(out var id, out var value))
            {
                if (id == 0) return false;
                total += 1 + value.Length;
            }

            return total <= data.Length && !reader.TryRead(out _, out _);
        });

    private static string Read(ushort profile, string data)
    {
        var reader = new HeaderExtensionReader(profile, Hex.Bytes(data));
        var elements = new List<string>();
        while (reader.TryRead(out var id, out var value)) elements.Add($"{id}={Convert.ToHexString(value)}");
        return string.Join(' ', elements);
    }
}
