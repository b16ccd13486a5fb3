using System.Buffers;
using Broadcast.Media.Sessions;
using MessagePack;

namespace Broadcast.Usage.Records;

/// <summary>Records in MessagePack: an array of a version and the fields in order. What a later version adds at the end is skipped.</summary>
public static class UsageCodec
{
    private const int Version = 1;
    private const int Fields = 24;
    private const int MaxText = 1024;
    private const int MaxHeights = 64;
    private const int MaxDepth = 8;

    // Years 1 to 9999, and no session of more than a hundred years: what is beyond is damage.
    private static readonly long MinTime = DateTimeOffset.MinValue.AddYears(200).ToUnixTimeMilliseconds();
    private static readonly long MaxTime = DateTimeOffset.MaxValue.AddYears(-200).ToUnixTimeMilliseconds();
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(36_525);

    /// <summary>Writes a record.</summary>
    public static void Write(IBufferWriter<byte> destination, UsageRecord record)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(Fields);
        writer.Write(Version);
        writer.Write((byte)record.Kind);
        writer.Write(Cut(record.SessionId));
        writer.Write(Cut(record.Stream));
        writer.Write(Cut(record.Node));
        writer.Write(record.StartedAt.ToUnixTimeMilliseconds());
        Write(ref writer, record.Duration);
        writer.Write(record.Epoch);
        writer.Write(Cut(record.Subject));
        writer.Write(Cut(record.ViewerId));
        writer.Write(record.Bytes);
        writer.Write(record.Packets);
        writer.Write(record.Lost);
        writer.Write(record.Retransmitted);
        writer.Write(record.Nacks);
        writer.Write(record.KeyframeRequests);
        writer.Write(record.Switches);
        Write(ref writer, record.LimitedByBandwidth);
        Write(ref writer, record.Paused);
        writer.WriteArrayHeader(Math.Min(record.Heights.Count, MaxHeights));
        foreach (var height in record.Heights.Take(MaxHeights))
        {
            writer.WriteArrayHeader(2);
            writer.Write(height.Height);
            Write(ref writer, height.Time);
        }

        writer.Write(Cut(record.Codecs));
        writer.Write(Cut(record.Transport));
        writer.Write(Cut(record.EndReason));
        writer.Write(record.Interrupted);
        writer.Flush();
    }

    /// <summary>Reads a record.</summary>
    /// <returns>Null when it is malformed, of a version that has not these fields, or beyond a limit.</returns>
    public static UsageRecord? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            var security = MessagePackSecurity.UntrustedData.WithMaximumObjectGraphDepth(MaxDepth);
            security.DepthStep(ref reader);
            if (reader.ReadArrayHeader() < Fields || reader.ReadInt32() < Version) return null;
            var record = new UsageRecord
            {
                Kind = reader.ReadByte() == (byte)SessionKind.Publisher ? SessionKind.Publisher : SessionKind.Viewer,
                SessionId = Text(ref reader) ?? "",
                Stream = Text(ref reader) ?? "",
                Node = Text(ref reader) ?? "",
                StartedAt = Moment(ref reader),
                Duration = Time(ref reader),
                Epoch = reader.ReadInt64(),
                Subject = Text(ref reader),
                ViewerId = Text(ref reader),
                Bytes = Count(ref reader),
                Packets = Count(ref reader),
                Lost = Count(ref reader),
                Retransmitted = Count(ref reader),
                Nacks = Count(ref reader),
                KeyframeRequests = Count(ref reader),
                Switches = Count(ref reader),
                LimitedByBandwidth = Time(ref reader),
                Paused = Time(ref reader),
                Heights = Heights(ref reader),
                Codecs = Text(ref reader) ?? "",
                Transport = Text(ref reader) ?? "",
                EndReason = Text(ref reader) ?? "",
                Interrupted = reader.ReadBoolean(),
            };
            return record.SessionId.Length == 0 || record.Stream.Length == 0 ? null : record;
        }
        catch (Exception exception) when (exception is MessagePackSerializationException or EndOfStreamException or OverflowException or InvalidDataException or ArgumentException)
        {
            return null;
        }
    }

    private static string? Cut(string? text) => text is { Length: > MaxText } ? text[..MaxText] : text;

    private static void Write(ref MessagePackWriter writer, TimeSpan time) => writer.Write((long)time.TotalMilliseconds);

    private static string? Text(ref MessagePackReader reader)
    {
        var text = reader.ReadString();
        return text is { Length: > MaxText } ? throw new InvalidDataException("A text is too long.") : text;
    }

    private static DateTimeOffset Moment(ref MessagePackReader reader)
    {
        var milliseconds = reader.ReadInt64();
        return milliseconds < MinTime || milliseconds > MaxTime ? throw new InvalidDataException("No date.") : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    private static TimeSpan Time(ref MessagePackReader reader)
    {
        var milliseconds = reader.ReadInt64();
        return milliseconds < 0 || milliseconds > (long)MaxDuration.TotalMilliseconds ? throw new InvalidDataException("No duration.") : TimeSpan.FromMilliseconds(milliseconds);
    }

    private static long Count(ref MessagePackReader reader)
    {
        var count = reader.ReadInt64();
        return count < 0 ? throw new InvalidDataException("A count below zero.") : count;
    }

    private static HeightTime[] Heights(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        if (count > MaxHeights) throw new InvalidDataException("Too many heights.");
        var heights = new HeightTime[count];
        for (var index = 0; index < count; index++)
        {
            if (reader.ReadArrayHeader() != 2) throw new InvalidDataException("No height.");
            var height = reader.ReadInt32();
            heights[index] = new HeightTime(height < 0 ? throw new InvalidDataException("No height.") : height, Time(ref reader));
        }

        return heights;
    }
}
