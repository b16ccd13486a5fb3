using System.Globalization;

namespace Broadcast.LoadTest.Rest;

/// <summary>What the request generator asks, and how often.</summary>
internal sealed record RestOptions
{
    /// <summary>What --help prints of it.</summary>
    public const string Help = """
        broadcast-loadtest rest: asks addresses of a server at a steady rate, and says how long the answers took

          --server URL     http://127.0.0.1:8080
          --rate R         requests per second over all addresses together, 200
          --duration S     30
          --warmup S       before it, 5: connections are made, and code is compiled
          --token T        bearer token
          --limit MS       exit code 1 when the 99th percentile of an address is above it
          PATH …           asked in turn: /api/v1/streams …

        Times count from the moment at which a request was due, whether or not others are still waited for.
        """;

    /// <summary>Who is asked.</summary>
    public Uri Server { get; init; } = new("http://127.0.0.1:8080");

    /// <summary>Requests per second.</summary>
    public double Rate { get; init; } = 200;

    /// <summary>For how long.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is asked before and not counted.</summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bearer token; null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>The 99th percentile that is good enough; null does not judge.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Addresses on the server, asked in turn.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">With a sentence for a person.</exception>
    public static RestOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new RestOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name.StartsWith('/'))
            {
                options = options with { Paths = [.. options.Paths, name] };
                continue;
            }

            if (i + 1 == arguments.Length) throw new FormatException($"{name} needs a value, or is unknown; see rest --help.");
            var value = arguments[++i];
            options = name switch
            {
                "--server" when Uri.TryCreate(value, UriKind.Absolute, out var server) => options with { Server = server },
                "--token" => options with { Token = value },
                "--rate" => options with { Rate = Number(name, value, 10_000) },
                "--duration" => options with { Duration = TimeSpan.FromSeconds(Number(name, value, 3600)) },
                "--warmup" => options with { Warmup = TimeSpan.FromSeconds(Number(name, value, 3600)) },
                "--limit" => options with { Limit = TimeSpan.FromMilliseconds(Number(name, value, 60_000)) },
                _ => throw new FormatException($"{name} {value} is not understood; see rest --help."),
            };
        }

        return options.Paths.Count > 0 ? options : throw new FormatException("Name at least one address, as in /api/v1/streams.");
    }

    private static double Number(string name, string value, double most) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= most
            ? number
            : throw new FormatException($"{name} {value}: expected a number up to {most}.");
}
