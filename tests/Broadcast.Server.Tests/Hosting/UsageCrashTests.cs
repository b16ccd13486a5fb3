using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broadcast.Server.Commands;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>A node that is killed has written down what its sessions had used.</summary>
public sealed class UsageCrashTests : IDisposable
{
    /// <summary>What may be lost: the second since the last write, and the time that a write takes.</summary>
    private static readonly TimeSpan Loss = TimeSpan.FromSeconds(1.5);

    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_killed_node_loses_the_last_second_of_a_session_and_knows_that_it_was_interrupted()
    {
        double seen;
        using (var node = Start("--demo"))
        {
            using var client = await ClientOfAsync(node);
            seen = await PublishedAsync(client, atLeast: 4);
            node.Kill();
            await node.WaitForExitAsync();
        }

        // A crash in the middle of a write leaves this.
        var segment = Directory.GetFiles(Path.Combine(_folder, "data", "usage"), "usage-*.seg").SingleOrDefault();
        if (segment is not null) await File.AppendAllBytesAsync(segment, [200, 0, 0, 0, 1, 2]);

        using var again = Start();
        using var reader = await ClientOfAsync(again);
        var record = await FirstAsync(reader);
        Assert.True(record.GetProperty("interrupted").GetBoolean());
        Assert.Equal(("demo", "publisher", "udp"), (record.GetProperty("stream").GetString(), record.GetProperty("kind").GetString(), record.GetProperty("transport").GetString()));
        Assert.Equal(["opus", "vp8"], record.GetProperty("codecs").EnumerateArray().Select(codec => codec.GetString()));
        Assert.InRange(record.GetProperty("seconds").GetDouble(), seen - Loss.TotalSeconds, seen + 10);
        Assert.True(record.GetProperty("bytes").GetInt64() > 100_000);

        // The command reads the same while the node runs.
        var (output, errors) = (new StringWriter(), new StringWriter());
        Assert.Equal(ExitCodes.Stopped, UsageCommand.Run(["export", "--data", Path.Combine(_folder, "data"), "--stream", "demo", "--from", "2020-01-01"], output, errors));
        var lines = output.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith(",true", lines[1], StringComparison.Ordinal);
        again.Kill();
        await again.WaitForExitAsync();
    }

    [Fact]
    public async Task A_node_that_is_stopped_writes_the_end_of_every_session()
    {
        double seen;
        using (var node = Start("--demo"))
        {
            using var client = await ClientOfAsync(node);
            seen = await PublishedAsync(client, atLeast: 2);
            Process.Start("kill", ["-TERM", node.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();
            await node.WaitForExitAsync();
        }

        var (output, errors) = (new StringWriter(), new StringWriter());
        Assert.Equal(ExitCodes.Stopped, UsageCommand.Run(["export", "--json", "--data", Path.Combine(_folder, "data")], output, errors));
        var record = JsonDocument.Parse(output.ToString().Split('\n')[0]).RootElement;
        Assert.False(record.GetProperty("interrupted").GetBoolean());
        Assert.NotEqual("", record.GetProperty("endReason").GetString());
        Assert.True(record.GetProperty("seconds").GetDouble() >= seen);
    }

    [Theory]
    [InlineData("export", "--from", "yesterday")]
    [InlineData("export", "--stream", "no name")]
    [InlineData("import")]
    public void Wrong_words_end_with_two_and_a_sentence(params string[] args)
    {
        var errors = new StringWriter();
        Assert.Equal(ExitCodes.WrongSwitches, UsageCommand.Run(args, new StringWriter(), errors));
        Assert.NotEmpty(errors.ToString());
    }

    private static async Task<HttpClient> ClientOfAsync(Process node)
    {
        while (await node.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("ready http://", StringComparison.Ordinal)) return new HttpClient { BaseAddress = new Uri(line["ready ".Length..]) };
        }

        throw new InvalidOperationException("The node ended.");
    }

    private static async Task<double> PublishedAsync(HttpClient client, double atLeast)
    {
        for (var until = Stopwatch.StartNew(); until.Elapsed < TimeSpan.FromMinutes(2); await Task.Delay(100))
        {
            using var days = JsonDocument.Parse(await client.GetStringAsync("/api/v1/usage/daily?stream=demo"));
            var seconds = days.RootElement.GetProperty("days").EnumerateArray().Sum(day => day.GetProperty("publishSeconds").GetDouble());
            if (seconds >= atLeast) return seconds;
        }

        throw new TimeoutException("The demo was not published.");
    }

    private static async Task<JsonElement> FirstAsync(HttpClient client)
    {
        for (var until = Stopwatch.StartNew(); until.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(100))
        {
            var list = JsonDocument.Parse(await client.GetStringAsync("/api/v1/usage")).RootElement.GetProperty("sessions");
            if (list.GetArrayLength() > 0) return list.EnumerateArray().Single();
        }

        throw new TimeoutException("There is no record.");
    }

    private Process Start(params string[] more)
    {
        string[] args = ["--http-port", "0", "--media-port", "0", "--workers", "1", "--no-auth", "--host-ip", "127.0.0.1", .. more];
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "broadcast.dll"));
        foreach (var arg in args) start.ArgumentList.Add(arg);
        return Process.Start(start)!;
    }
}
