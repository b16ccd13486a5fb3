using System.Buffers.Binary;

namespace Broadcast.Fuzz;

/// <summary>Makes inputs out of known ones: the same seed makes the same inputs.</summary>
public sealed class Mutator(int seed)
{
    private const int MaxLength = 16 * 1024;
    private const int MaxEdits = 6;

    private static ReadOnlySpan<byte> Bytes => [0, 1, 2, 3, 15, 16, 31, 32, 63, 64, 127, 128, 191, 192, 223, 254, 255];

    private static ReadOnlySpan<ushort> Words => [0, 1, 2, 4, 0x7F, 0x80, 0xFF, 0x100, 0x1FFF, 0x2000, 0x7FFF, 0x8000, 0xBEDE, 0x1000, 0xFFFE, 0xFFFF];

    private readonly Random _random = new(seed);

    /// <summary>The next input.</summary>
    public byte[] Next(IReadOnlyList<byte[]> corpus, bool isText)
    {
        if (_random.Next(64) == 0) return Noise(_random.Next(0, 128));
        var input = new List<byte>(corpus[_random.Next(corpus.Count)]);
        for (var edits = _random.Next(1, MaxEdits + 1); edits > 0; edits--)
        {
            if (isText && _random.Next(2) == 0) EditLines(input);
            else Edit(input, corpus);
        }

        if (input.Count > MaxLength) input.RemoveRange(MaxLength, input.Count - MaxLength);
        return [.. input];
    }

    private void Edit(List<byte> input, IReadOnlyList<byte[]> corpus)
    {
        var at = _random.Next(input.Count + 1);
        var rest = input.Count - at;
        switch (_random.Next(9))
        {
            case 0 when rest > 0:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when rest > 0:
                input[at] = Bytes[_random.Next(Bytes.Length)];
                break;
            case 2 when rest > 1:
                Write(input, at, Words[_random.Next(Words.Length)]);
                break;
            case 3 when rest > 1:
                // Lengths are off by a little far more often than by a lot.
                Write(input, at, (ushort)(Read(input, at) + _random.Next(-4, 5)));
                break;
            case 4:
                input.InsertRange(at, Noise(_random.Next(1, 9)));
                break;
            case 5:
                input.RemoveRange(at, Math.Min(rest, _random.Next(1, 17)));
                break;
            case 6:
                input.InsertRange(at, input.GetRange(at, Math.Min(rest, _random.Next(1, 65))));
                break;
            case 7:
                input.RemoveRange(at, rest);
                break;
            default:
                var other = corpus[_random.Next(corpus.Count)];
                input.RemoveRange(at, rest);
                input.AddRange(other.AsSpan(_random.Next(other.Length + 1)).ToArray());
                break;
        }
    }

    private void EditLines(List<byte> input)
    {
        var lines = Lines(input);
        var (from, to) = (_random.Next(lines.Count), _random.Next(lines.Count));
        switch (_random.Next(4))
        {
            case 0:
                (lines[from], lines[to]) = (lines[to], lines[from]);
                break;
            case 1:
                lines.RemoveAt(from);
                break;
            case 2:
                lines.Insert(to, lines[from]);
                break;
            default:
                lines[from] = [.. lines[from][..(lines[from].Length / 2)], .. lines[to]];
                break;
        }

        input.Clear();
        foreach (var line in lines) input.AddRange(line);
    }

    /// <summary>Each with its line end.</summary>
    private static List<byte[]> Lines(List<byte> input)
    {
        var lines = new List<byte[]>();
        var start = 0;
        for (var i = 0; i <= input.Count; i++)
        {
            if (i < input.Count && input[i] != '\n') continue;
            var end = Math.Min(i + 1, input.Count);
            lines.Add([.. input.GetRange(start, end - start)]);
            start = end;
        }

        return lines;
    }

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        _random.NextBytes(noise);
        return noise;
    }

    private static ushort Read(List<byte> input, int at) => BinaryPrimitives.ReadUInt16BigEndian([input[at], input[at + 1]]);

    private static void Write(List<byte> input, int at, ushort value)
    {
        input[at] = (byte)(value >> 8);
        input[at + 1] = (byte)value;
    }
}
