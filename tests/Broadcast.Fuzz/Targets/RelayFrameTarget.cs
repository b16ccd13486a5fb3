using System.Buffers;
using Broadcast.Media.Layers;
using Broadcast.Media.Relay;
using Broadcast.Media.Routing;
using Broadcast.Rtc;

namespace Broadcast.Fuzz.Targets;

/// <summary>A control frame between two nodes.</summary>
internal sealed class RelayFrameTarget : FuzzTarget
{
    public override string Name => "relay-frame";

    public override IReadOnlyList<byte[]> Corpus { get; } =
    [
        Bytes(new RelayFrame.Subscribe("stage", 3, 2, new PublicationEpoch(7, ulong.MaxValue), false, [new RelayWant(0, -1), new RelayWant(2, 70_000)])),
        Bytes(new RelayFrame.Subscribe("stage", 3, 2, new PublicationEpoch(7), false, []) { Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }),
        Bytes(new RelayFrame.Unsubscribe("stage", 4)),
        Bytes(new RelayFrame.State(
            "stage", 3, 9, RelayStatus.Live, new PublicationEpoch(7), ["origin", "middle"],
            [new RelayTrack(CodecKind.Opus, "minptime=10", 48_000, "", 11, 0, 2, 4_711, 0, 0, 5_000), new RelayTrack(CodecKind.Vp8, "", 90_000, "h", 12, 99, 4, 65_530, 90_000, 1_250, 70_000)])),
        Bytes(new RelayFrame.Ladder("stage", new PublicationEpoch(7), [new RelayQuality(1, 0, 3, 1280, 720, 29.97, true, new TemporalRates(1, 2, 3, 4))])),
        Bytes(new RelayFrame.Ping(1_000_003_700_123, IsReply: true)),
    ];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (RelayFrameCodec.Read(input.ToArray()) is not { } frame) return false;

        // What was read can be written, and reads as the same bytes again.
        var written = Bytes(frame);
        Invariant.Holds(RelayFrameCodec.Read(written) is { } again && Bytes(again).AsSpan().SequenceEqual(written), "a frame survives being written");
        return true;
    }

    private static byte[] Bytes(RelayFrame frame)
    {
        var buffer = new ArrayBufferWriter<byte>();
        RelayFrameCodec.Write(buffer, frame);
        return buffer.WrittenSpan.ToArray();
    }
}
