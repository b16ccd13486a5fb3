using System.Globalization;
using System.Net;

namespace Broadcast.LoadTest.Flood;

/// <summary>Whom to flood, from where, with how much.</summary>
public sealed record FloodOptions
{
    /// <summary>The server's address by HTTP.</summary>
    public required Uri Server { get; init; }

    /// <summary>A live stream that anybody may watch.</summary>
    public required string Stream { get; init; }

    /// <summary>An address of this machine: 127.0.0.2, where viewers come from 127.0.0.1.</summary>
    public IPAddress From { get; init; } = IPAddress.Parse("127.0.0.2");

    /// <summary>How long.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Datagrams per second to the media port.</summary>
    public int PacketsPerSecond { get; init; } = 20_000;

    /// <summary>Requests at a time; each is followed by another at once.</summary>
    public int Connections { get; init; } = 16;

    /// <summary>Reads the arguments behind the word "flood".</summary>
    /// <exception cref="FormatException">With a sentence for a person.</exception>
    public static FloodOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new FloodOptions { Server = new Uri("http://127.0.0.1:8080"), Stream = "loadtest" };
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : throw new FormatException($"{arguments[i]} needs a value.");
            options = arguments[i] switch
            {
                "--server" => options with { Server = new Uri(value) },
                "--stream" => options with { Stream = value },
                "--from" => options with { From = IPAddress.Parse(value) },
                "--duration" => options with { Duration = TimeSpan.FromSeconds(double.Parse(value, CultureInfo.InvariantCulture)) },
                "--packets" => options with { PacketsPerSecond = int.Parse(value, CultureInfo.InvariantCulture) },
                "--connections" => options with { Connections = int.Parse(value, CultureInfo.InvariantCulture) },
                _ => throw new FormatException($"There is no switch {arguments[i]}. See --help."),
            };
        }

        return options;
    }
}

/// <summary>What a flood came to.</summary>
/// <param name="Answers">Answers to requests, by status; "none" where there was none.</param>
/// <param name="Datagrams">Sent to the media port.</param>
/// <param name="DatagramsBack">That came back from it.</param>
public sealed record FloodResult(IReadOnlyDictionary<string, int> Answers, long Datagrams, long DatagramsBack)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"flood     {Answers.Values.Sum()} requests ({string.Join(", ", Answers.Select(pair => $"{pair.Value} × {pair.Key}"))}), {Datagrams} datagrams, {DatagramsBack} came back";
}
