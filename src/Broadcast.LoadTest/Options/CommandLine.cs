using System.Globalization;
using Broadcast.Client.Connections;
using Broadcast.Client.Media;
using Broadcast.Rtc;
using Broadcast.Rtc.Srtp;

namespace Broadcast.LoadTest.Options;

/// <summary>Reads the switches.</summary>
internal static class CommandLine
{
    /// <summary>What --help prints.</summary>
    public const string Help = """
        broadcast-loadtest: real WebRTC viewers and publishers against a WHIP/WHEP server

          --server URL        http://127.0.0.1:8080; /whip/NAME and /whep/NAME are appended,
                              or {protocol} and {stream} in it are replaced
          --watch-server URL  where viewers go, if elsewhere: another node of a cluster
          --peer KIND         whip (default) or janus (VideoRoom over HTTP, e.g. http://127.0.0.1:8088/janus)
          --stream NAME       loadtest
          --token T           bearer token for publishing and watching
          --viewers N         10
          --publishers M      1; several publish NAME-1 … NAME-M; 0 watches what another program publishes
          --codec C           vp8 (default), h264, vp9, av1
          --no-audio          video only
          --profile P         gcm (default), gcm256, cm, any: the SRTP profile offered
          --bitrate R         2500k; media are made by FFmpeg once and kept in the temporary folder
          --size WxH --fps N --gop N   1280x720, 30, 60
          --ignore-keyframe-requests   publishers keep to --gop, as OBS does
          --numbered-frames   each picture says its number in the clip, in black and white squares
          --temporal-layers   VP8 in three temporal layers (0 2 1 2); --gop is a multiple of 4
          --encodings N       simulcast, 1 to 4: RID 0 as above, 1 of half the size and a quarter of the rate, …
          --layer JSON        what viewers choose once they play, as in '{"rid":"1","temporalLayerId":0}'
          --pacing P          burst (default): a frame at once; paced: at 2.5 times the rate
          --join-rate R       viewers per second, 50
          --duration S        measuring window, 10
          --warmup S          before it, 5
          --pid P[,P…]        server processes whose CPU time and memory are measured
          --sample 1/N        decrypt and verify one packet in N once playing, 1/64
          --tcp               ICE over TCP
          --threads N         viewer threads, 1
          --connections N     HTTP requests at a time, 64
          --json FILE         the result
          --table FILE        append the result to a Markdown table, under
          --label NAME        this name of the server

        broadcast-loadtest rest asks addresses of REST instead: rest --help.

        broadcast-loadtest flood: requests and datagrams of somebody who wants a server of yours not to serve others
          --server URL --stream NAME   as above; the stream is live, and anybody may watch it
          --from A            address of this machine, 127.0.0.2
          --duration S        20
          --packets N         datagrams per second to the media port, 20000
          --connections N     requests at a time, 16

        Exit code: 0 all played and every verified packet was right; 1 not so; 2 wrong switches; 3 could not run.
        """;

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">With a sentence for a person.</exception>
    public static LoadOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new LoadOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            options = name switch
            {
                "--no-audio" => options with { Audio = false },
                "--ignore-keyframe-requests" => options with { IgnoreKeyframeRequests = true },
                "--numbered-frames" => options with { NumberedFrames = true },
                "--temporal-layers" => options with { TemporalLayers = true },
                "--tcp" => options with { Tcp = true },
                _ when i + 1 < arguments.Count => Apply(options, name, arguments[++i]),
                _ => throw new FormatException($"{name} needs a value, or is unknown; see --help."),
            };
        }

        if (options.TemporalLayers && (options.Codec != CodecKind.Vp8 || options.KeyframeInterval % TemporalPattern.Period != 0))
            throw new FormatException($"--temporal-layers: needs vp8 and a --gop that is a multiple of {TemporalPattern.Period}.");
        return options;
    }

    private static LoadOptions Apply(LoadOptions options, string name, string value) => name switch
    {
        "--server" => options with { Server = Uri.TryCreate(value, UriKind.Absolute, out var server) ? server : throw Wrong(name, value, "an address") },
        "--watch-server" => options with { WatchServer = Uri.TryCreate(value, UriKind.Absolute, out var server) ? server : throw Wrong(name, value, "an address") },
        "--peer" => options with { Peer = Choose(name, value, ("whip", PeerKind.Whip), ("janus", PeerKind.Janus)) },
        "--stream" => options with { Stream = value },
        "--token" => options with { Token = value },
        "--viewers" => options with { Viewers = Whole(name, value, 0, 100_000) },
        "--publishers" => options with { Publishers = Whole(name, value, 0, 1000) },
        "--codec" => options with { Codec = Choose(name, value, ("vp8", CodecKind.Vp8), ("h264", CodecKind.H264), ("vp9", CodecKind.Vp9), ("av1", CodecKind.Av1)) },
        "--profile" => options with
        {
            Profile = Choose<SrtpProfile?>(
                name, value, ("gcm", SrtpProfile.AeadAes128Gcm), ("gcm256", SrtpProfile.AeadAes256Gcm), ("cm", SrtpProfile.Aes128CmSha1_80), ("any", null)),
        },
        "--bitrate" => options with { Bitrate = Rate(name, value) },
        "--size" => options with { Size = Size(name, value) },
        "--fps" => options with { FramesPerSecond = Whole(name, value, 1, 120) },
        "--gop" => options with { KeyframeInterval = Whole(name, value, 1, 10_000) },
        "--encodings" => options with { Encodings = Whole(name, value, 1, 4) },
        "--layer" => options with { Layer = value },
        "--pacing" => options with { Pacing = Choose(name, value, ("burst", Pacing.Burst), ("paced", Pacing.Paced)) },
        "--join-rate" => options with { JoinRate = Number(name, value, 0.1, 100_000) },
        "--duration" => options with { Duration = TimeSpan.FromSeconds(Number(name, value, 1, 86_400)) },
        "--warmup" => options with { Warmup = TimeSpan.FromSeconds(Number(name, value, 0, 3_600)) },
        "--pid" => options with { ServerProcesses = [.. value.Split(',').Select(pid => Whole(name, pid, 1, int.MaxValue))] },
        "--table" => options with { TablePath = value },
        "--label" => options with { Label = value },
        "--json" => options with { JsonPath = value },
        "--sample" => options with { SampleEvery = Whole(name, value.StartsWith("1/", StringComparison.Ordinal) ? value[2..] : value, 1, 10_000) },
        "--threads" => options with { Threads = Whole(name, value, 1, 64) },
        "--connections" => options with { Connections = Whole(name, value, 1, 1000) },
        _ => throw new FormatException($"{name} is unknown; see --help."),
    };

    private static T Choose<T>(string name, string value, params (string Name, T Value)[] choices)
    {
        foreach (var choice in choices)
        {
            if (choice.Name.Equals(value, StringComparison.OrdinalIgnoreCase)) return choice.Value;
        }

        throw Wrong(name, value, string.Join(", ", choices.Select(choice => choice.Name)));
    }

    private static int Whole(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, value, $"a whole number from {least} to {most}");

    private static double Number(string name, string value, double least, double most) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, value, $"a number from {least} to {most}");

    private static int Rate(string name, string value)
    {
        var unit = value.EndsWith('k') ? 1_000 : value.EndsWith('M') ? 1_000_000 : 1;
        return (int)(Number(name, unit == 1 ? value : value[..^1], 1, 100_000_000.0 / unit) * unit);
    }

    private static (int Width, int Height) Size(string name, string value)
    {
        var parts = value.Split('x');
        return parts.Length == 2 ? (Whole(name, parts[0], 16, 8192), Whole(name, parts[1], 16, 8192)) : throw Wrong(name, value, "a size such as 1280x720");
    }

    private static FormatException Wrong(string name, string value, string expected) => new($"{name} {value}: expected {expected}.");
}
