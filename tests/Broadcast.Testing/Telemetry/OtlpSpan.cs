using System.Text;

namespace Broadcast.Testing.Telemetry;

/// <summary>A span as a node sends it by OTLP.</summary>
/// <param name="Node">service.instance.id of its resource.</param>
/// <param name="TraceId">In hexadecimal.</param>
/// <param name="SpanId">In hexadecimal.</param>
/// <param name="ParentId">In hexadecimal; empty at the root.</param>
/// <param name="Name">What it is.</param>
/// <param name="Start">Nanoseconds since 1970.</param>
/// <param name="End">Nanoseconds since 1970.</param>
/// <param name="Attributes">Those that are text.</param>
public sealed record OtlpSpan(string Node, string TraceId, string SpanId, string ParentId, string Name, ulong Start, ulong End, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>Reads an ExportTraceServiceRequest (opentelemetry-proto 1.x, Protocol Buffers encoding); what is not needed is skipped.</summary>
    public static IEnumerable<OtlpSpan> ReadAll(byte[] request)
    {
        foreach (var resourceSpans in Fields(request).Where(field => field.Number == 1))
        {
            var parts = Fields(resourceSpans.Bytes).ToList();
            var resource = parts.Where(part => part.Number == 1).SelectMany(part => Texts(part.Bytes, 1)).ToDictionary(StringComparer.Ordinal);
            var spans = parts.Where(part => part.Number == 2).SelectMany(scope => Fields(scope.Bytes)).Where(field => field.Number == 2);
            foreach (var span in spans) yield return Read(span.Bytes, resource.GetValueOrDefault("service.instance.id", ""));
        }
    }

    public override string ToString() => $"{Node}: {Name} {SpanId} below {ParentId} in {TraceId}, {(End - Start) / 1e6:F1} ms, {string.Join(' ', Attributes)}";

    private static OtlpSpan Read(byte[] bytes, string node)
    {
        var fields = Fields(bytes).ToList();
        string Id(int number) => Convert.ToHexStringLower(fields.Find(field => field.Number == number).Bytes ?? []);
        ulong Time(int number) => fields.Find(field => field.Number == number).Value;
        var name = Encoding.UTF8.GetString(fields.Find(field => field.Number == 5).Bytes);
        return new OtlpSpan(node, Id(1), Id(2), Id(4), name, Time(7), Time(8), Texts(bytes, 9).ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>Attributes (KeyValue) under a field number whose value is a string.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Texts(byte[] message, int number)
    {
        foreach (var attribute in Fields(message).Where(field => field.Number == number))
        {
            var parts = Fields(attribute.Bytes).ToList();
            var value = Fields(parts.Find(part => part.Number == 2).Bytes ?? []).FirstOrDefault(part => part.Number == 1);
            if (value.Bytes is not null) yield return new(Encoding.UTF8.GetString(parts.Find(part => part.Number == 1).Bytes), Encoding.UTF8.GetString(value.Bytes));
        }
    }

    private static IEnumerable<(int Number, byte[] Bytes, ulong Value)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return (number, null!, Varint(message, ref at));
                    break;
                case 1:
                    yield return (number, null!, BitConverter.ToUInt64(message, at));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    yield return (number, message[at..(at + length)], 0);
                    at += length;
                    break;
                case 5:
                    yield return (number, null!, BitConverter.ToUInt32(message, at));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {tag & 7}.");
            }
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
