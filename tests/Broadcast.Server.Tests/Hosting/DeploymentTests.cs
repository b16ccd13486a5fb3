using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>What lies in deploy/ speaks of things that exist.</summary>
public sealed partial class DeploymentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_metric_of_the_dashboard_and_the_alerts_exists()
    {
        var known = Declared().Concat(await ScrapedAsync()).ToHashSet(StringComparer.Ordinal);
        var dashboard = File.ReadAllText(Path.Combine(Root(), "deploy/grafana/dashboards/broadcast.json"));
        using var json = JsonDocument.Parse(dashboard);
        var queries = json.RootElement.GetProperty("panels").EnumerateArray().SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!);
        var alerts = Expression().Matches(File.ReadAllText(Path.Combine(Root(), "deploy/prometheus/alerts.yml"))).Select(match => match.Value);
        var used = queries.Concat(alerts).SelectMany(query => Metric().Matches(query)).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(used.Count > 15);
        Assert.Empty(used.Except(known));
    }

    [Theory]
    [InlineData("deploy/compose.yaml")]
    [InlineData("deploy/Dockerfile")]
    public void Every_variable_of_the_containers_is_one_of_the_server(string file)
    {
        var used = Variable().Matches(File.ReadAllText(Path.Combine(Root(), file))).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(used);
        Assert.Empty(used.Except(Server.Options.Switches.All.Select(each => each.Variable)));
        var keys = Key().Matches(File.ReadAllText(Path.Combine(Root(), file))).ToDictionary(match => match.Value.Replace("__", ":", StringComparison.Ordinal), _ => new Server.Options.Setting("", file));
        Assert.Empty(Server.Options.ConfigurationKeys.Unknown(keys));
    }

    // Some appear only in a cluster, or when something has happened: those are read from where they are made.
    private static IEnumerable<string> Declared()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*Meters.cs", SearchOption.AllDirectories);
        foreach (var match in sources.SelectMany(file => Instrument().Matches(File.ReadAllText(file))))
        {
            var name = "broadcast_" + match.Groups[2].Value.Replace('.', '_');
            yield return match.Groups[1].Value.Contains("Gauge", StringComparison.Ordinal) ? name : name + "_total";
        }

        foreach (var match in sources.SelectMany(file => Distribution().Matches(File.ReadAllText(file))))
        {
            foreach (var part in new[] { "bucket", "sum", "count" }) yield return $"broadcast_{match.Groups[1].Value.Replace('.', '_')}_seconds_{part}";
        }
    }

    private async Task<IEnumerable<string>> ScrapedAsync()
    {
        using var node = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), "--http-port", "0", "--media-port", "0", "--workers", "1"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _folder,
        })!;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            string? line;
            do line = await node.StandardOutput.ReadLineAsync(limit.Token);
            while (line is not null && !line.StartsWith("ready ", StringComparison.Ordinal));
            using var client = new HttpClient();
            var text = await client.GetStringAsync(new Uri(new Uri(line!["ready ".Length..]), "/metrics"), limit.Token);
            return Scraped().Matches(text).Select(match => match.Groups[1].Value);
        }
        finally
        {
            node.Kill();
            await node.WaitForExitAsync();
        }
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@"\b(?:broadcast|dotnet|process)_[a-z0-9_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("(?m)^ *expr: .*$")]
    private static partial Regex Expression();

    [GeneratedRegex("BROADCAST_[A-Z_]+")]
    private static partial Regex Variable();

    [GeneratedRegex("Broadcast__[A-Za-z0-9_]+")]
    private static partial Regex Key();

    [GeneratedRegex("(CreateObservable[A-Za-z]+|Count)\\((?:plane, )?\"([a-z0-9._]+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex("CreateHistogram\\(\"([a-z0-9._]+)\", \"s\"")]
    private static partial Regex Distribution();

    [GeneratedRegex(@"(?m)^# TYPE (\S+)")]
    private static partial Regex Scraped();
}
