using System.Buffers;
using Broadcast.Media.Sessions;
using Broadcast.Usage.Files;
using Broadcast.Usage.Records;

namespace Broadcast.Fuzz.Targets;

/// <summary>A file of usage records; the first of them is also read as if its checksum were right.</summary>
internal sealed class UsageTarget : FuzzTarget
{
    public override string Name => "usage";

    public override IReadOnlyList<byte[]> Corpus { get; } =
    [
        File(Record("a")),
        File(Record("a"), Record("b") with { Kind = SessionKind.Publisher, Subject = "somebody", Heights = [new HeightTime(720, TimeSpan.FromSeconds(3))] }),
    ];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        var file = input.ToArray();
        var frames = UsageFrames.Read(file);
        Invariant.Holds(frames.End <= file.Length, "a file ends within itself");
        Invariant.Holds(UsageFrames.Read(file.AsMemory(0, (int)frames.End)).Frames.Count == frames.Frames.Count, "what is cut is no frame");
        foreach (var frame in frames.Frames) Check(frame.Payload);

        // Behind a wrong checksum nothing is read; so the bytes of the first record are read by themselves.
        if (file.Length > UsageFrames.FileHeader.Length + UsageFrames.FrameHeader) Check(file.AsMemory(UsageFrames.FileHeader.Length + UsageFrames.FrameHeader));
        return frames.Frames.Count > 0;
    }

    private static void Check(ReadOnlyMemory<byte> payload)
    {
        if (UsageCodec.Read(payload) is not { } record) return;
        Invariant.Holds(record.EndedAt >= record.StartedAt, "no session ends before it began");
        var written = Bytes(record);
        Invariant.Holds(UsageCodec.Read(written) is { } again && Bytes(again).AsSpan().SequenceEqual(written), "a record survives being written");
    }

    private static UsageRecord Record(string id) => new()
    {
        SessionId = id,
        Stream = "live",
        Kind = SessionKind.Viewer,
        Node = "a",
        StartedAt = DateTimeOffset.UnixEpoch.AddYears(56),
        Duration = TimeSpan.FromSeconds(60),
        Codecs = "opus,vp8",
        Transport = "udp",
    };

    private static byte[] File(params UsageRecord[] records)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write(UsageFrames.FileHeader);
        foreach (var record in records) UsageFrames.Write(buffer, record);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Bytes(UsageRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        UsageCodec.Write(buffer, record);
        return buffer.WrittenSpan.ToArray();
    }
}
