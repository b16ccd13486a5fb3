using Broadcast.Rtc;
using Broadcast.Rtc.Rtcp;

namespace Broadcast.Fuzz.Corpus;

/// <summary>RTCP packets and compounds.</summary>
internal static class SampleRtcp
{
    private static readonly ReportBlock Block = new(0x1234_5678, 25, -3, 70_000, 90, 0x8000_0000, 65_536);

    private delegate int Writer(Span<byte> destination);

    /// <summary>Reports with a description, feedback of every kind, a goodbye.</summary>
    public static IReadOnlyList<byte[]> Compounds { get; } =
    [
        Compound(d => RtcpWriter.SenderReport(d, 1, 0xE000_0000_8000_0000, 90_000, 100, 100_000, [Block, Block]), d => RtcpWriter.SdesCname(d, 1, "cname"u8)),
        Compound(
            d => RtcpWriter.ReceiverReport(d, 2, [Block]),
            d => RtcpWriter.SdesCname(d, 2, "some-longer-name"u8),
            d => RtcpWriter.Nack(d, 2, 1, (ReadOnlySpan<ushort>)[10, 11, 26, 27, 28, 400, 65_535], out _),
            d => RtcpWriter.Remb(d, 2, 2_500_000, [1, 2])),
        Compound(d => RtcpWriter.Pli(d, 2, 1), d => RtcpWriter.Fir(d, 2, 1, 7)),
        Compound(d => RtcpWriter.ReceiverReport(d, 2, default), d => RtcpWriter.Bye(d, [1, 2, 3])),
        [0x80, 204, 0, 2, 0, 0, 0, 1, (byte)'T', (byte)'E', (byte)'S', (byte)'T', .. Compound(d => RtcpWriter.Pli(d, 2, 1))],
        [0xA0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4],
        .. TransportFeedback,
    ];

    /// <summary>One packet each: dense, with losses and reordering, with a long run of losses.</summary>
    public static IReadOnlyList<byte[]> TransportFeedback =>
    [
        Feedback(count: 40, step: 1, microseconds: 900),
        Feedback(count: 60, step: 3, microseconds: 70_000),
        Feedback(count: 2, step: 1500, microseconds: 250),
    ];

    private static byte[] Feedback(int count, int step, int microseconds)
    {
        var builder = new TransportFeedbackBuilder();
        var at = MonotonicTime.FromMilliseconds(1000);
        for (var i = 0; i < count; i++)
        {
            // Every fifth comes after its successor.
            builder.Add((ushort)(65_500 + ((i % 5 == 3 ? i + 1 : i % 5 == 4 ? i - 1 : i) * step)), at);
            at += TimeSpan.FromMicroseconds(microseconds);
        }

        return Compound(d => builder.Build(d, 2, 1, at));
    }

    private static byte[] Compound(params Writer[] writers)
    {
        var buffer = new byte[1200];
        var length = 0;
        foreach (var writer in writers) length += writer(buffer.AsSpan(length));
        return buffer[..length];
    }
}
