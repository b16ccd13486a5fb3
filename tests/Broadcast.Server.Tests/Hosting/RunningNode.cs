using System.Diagnostics;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>A node in a process of its own, on free ports and this machine only, with a folder that goes with it.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;
    private Process _process = null!;

    /// <summary>What it has printed up to "ready".</summary>
    public IReadOnlyList<string> Lines { get; private set; } = [];

    /// <summary>Where it is.</summary>
    public Uri Address => new(Lines[^1]["ready ".Length..]);

    /// <summary>Where its operate page is.</summary>
    public Uri Operate => new(Lines.Single(line => line.StartsWith("operate ", StringComparison.Ordinal))["operate ".Length..].Trim());

    public static async Task<RunningNode> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] switches)
    {
        var node = new RunningNode();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, WorkingDirectory = node._folder };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), "--http-port", "0", "--media-port", "0", "--workers", "1", "--host-ip", "127.0.0.1", "--data", node._folder, .. switches,
        ];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        node._process = Process.Start(start)!;
        var lines = new List<string>();
        using var limit = new CancellationTokenSource(StartLimit);
        do lines.Add(await node._process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"The node ended: {string.Join('\n', lines)}"));
        while (!lines[^1].StartsWith("ready http://", StringComparison.Ordinal));
        node.Lines = lines;

        // Nobody reads the rest, and a full pipe would stop it.
        _ = node._process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
