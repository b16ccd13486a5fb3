using Broadcast.Rtc.HeaderExtensions;
using CsCheck;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class ForwardableExtensionsTests
{
    [Fact]
    public void Only_values_that_viewers_get_unchanged_are_stored()
    {
        var values = default(HeaderExtensionValues);
        foreach (var kind in Enum.GetValues<HeaderExtensionKind>())
        {
            foreach (var length in (int[])[1, 2, 3, 4, 8]) values.Set(kind, new byte[length]);
        }

        Span<byte> stored = stackalloc byte[128];
        var written = ForwardableExtensions.Write(stored, values);
        var kinds = new List<HeaderExtensionKind>();
        var reader = new ForwardableExtensionReader(stored[..written]);
        while (reader.TryRead(out var kind, out _)) kinds.Add(kind);
        Assert.Equal(
            [HeaderExtensionKind.AudioLevel, HeaderExtensionKind.VideoOrientation, HeaderExtensionKind.AbsoluteCaptureTime,
                HeaderExtensionKind.DependencyDescriptor, HeaderExtensionKind.ColorSpace, HeaderExtensionKind.VideoContentType],
            kinds.Order());
    }

    [Fact]
    public void Values_survive_storing_and_restoring_under_other_ids() =>
        Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte.Array[3, 200], Gen.Byte.Array[8]).Sample((level, orientation, descriptor, capture) =>
        {
            var values = default(HeaderExtensionValues);
            values.Set(HeaderExtensionKind.AudioLevel, new[] { level });
            values.Set(HeaderExtensionKind.VideoOrientation, new[] { orientation });
            values.Set(HeaderExtensionKind.DependencyDescriptor, descriptor);
            values.Set(HeaderExtensionKind.AbsoluteCaptureTime, capture);
            Span<byte> stored = stackalloc byte[256];
            var length = ForwardableExtensions.Write(stored, values);

            var block = new byte[256];
            var map = Maps.All(30);
            var writer = new HeaderExtensionWriter(block, map, twoByte: true);
            ForwardableExtensions.CopyTo(stored[..length], ref writer);
            var reader = new HeaderExtensionReader(0x1000, block.AsSpan(4..writer.Finish()));
            var restored = default(HeaderExtensionValues);
            while (reader.TryRead(out var id, out var value))
            {
                if (map.TryKindOf(id, out var kind)) restored.Set(kind, value);
            }

            return restored.AudioLevel == level && restored.VideoOrientation == orientation
                && restored.DependencyDescriptor.SequenceEqual(descriptor) && restored.AbsoluteCaptureTime.SequenceEqual(capture);
        });

    [Fact]
    public void What_does_not_fit_is_left_out_whole()
    {
        var values = default(HeaderExtensionValues);
        values.Set(HeaderExtensionKind.AudioLevel, new byte[1]);
        values.Set(HeaderExtensionKind.DependencyDescriptor, new byte[60]);
        for (var room = 0; room < 70; room++)
        {
            Assert.Equal(room >= 65 ? 65 : room >= 3 ? 3 : 0, ForwardableExtensions.Write(new byte[room], values));
        }
    }

    [Fact]
    public void Reader_of_random_bytes_ends() =>
        Gen.Byte.Array[0, 64].Sample(bytes =>
        {
            var reader = new ForwardableExtensionReader(bytes);
            var total = 0;
            while (reader.TryRead(out _, out var value)) total += 2 + value.Length;
            return total <= bytes.Length;
        });
}
