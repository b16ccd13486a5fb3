using System.Buffers;
using System.Text.Json;
using Broadcast.Usage.Records;
using CsCheck;
using MessagePack;

namespace Broadcast.Usage.Tests.Records;

public class UsageCodecTests
{
    [Fact]
    public void A_record_reads_as_it_was_written()
    {
        var record = Some.Record("x") with { Interrupted = true };
        var read = UsageCodec.Read(Bytes(record));
        Assert.Equal(JsonSerializer.Serialize(record), JsonSerializer.Serialize(read));
        Assert.Null(UsageCodec.Read(Bytes(record with { Subject = null, ViewerId = null }))!.Subject);
    }

    [Fact]
    public void What_a_later_version_adds_is_skipped()
    {
        var bytes = Bytes(Some.Record("x"));
        Assert.Equal(0xdc, bytes[0]); // an array of 16 bits length
        bytes[2] += 2;
        var longer = new ArrayBufferWriter<byte>();
        longer.Write(bytes);
        var writer = new MessagePackWriter(longer);
        writer.Write("a country");
        writer.WriteMapHeader(0);
        writer.Flush();
        Assert.Equal("x", UsageCodec.Read(longer.WrittenMemory)?.SessionId);
    }

    [Fact]
    public void Every_shorter_length_is_no_record_and_no_exception()
    {
        var bytes = Bytes(Some.Record("x"));
        for (var length = 0; length < bytes.Length; length++) Assert.Null(UsageCodec.Read(bytes.AsMemory(0, length)));
    }

    [Fact]
    public void Damaged_bytes_are_a_record_that_can_be_written_or_none()
    {
        var bytes = Bytes(Some.Record("x"));
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, bytes.Length - 1], Gen.Byte).Sample((at, value, other, another) =>
        {
            var damaged = bytes.ToArray();
            (damaged[at], damaged[other]) = (value, another);
            if (UsageCodec.Read(damaged) is not { } record) return true;
            _ = record.EndedAt;
            return UsageCodec.Read(Bytes(record)) is not null;
        });
    }

    private static byte[] Bytes(UsageRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        UsageCodec.Write(buffer, record);
        return buffer.WrittenSpan.ToArray();
    }
}
