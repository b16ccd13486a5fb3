using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Broadcast.EndToEnd.Tests.Server;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A recording as a node lists it.</summary>
public sealed record ListedRecording(string Id, string State, DateTimeOffset StartedAt, double Duration, string Node, string? Continues, string? Error);

/// <summary>A time without picture or sound.</summary>
public sealed record DeclaredGap(double At, double Duration, string Reason);

/// <summary>Who records.</summary>
public sealed record RecordingStatus(bool Active, string? Id, string? Node);

/// <summary>The recordings of a node by its REST interface, and what is in their files by ffprobe and ffmpeg.</summary>
public sealed class Recordings(ServerNode node) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly HttpClient _http = new() { BaseAddress = new Uri(node.Address) };

    /// <summary>Asks for a recording; the answer is its id.</summary>
    public async Task<string> StartAsync(string stream)
    {
        using var answer = await _http.PostAsync(Control(stream), null);
        return answer.IsSuccessStatusCode ? (await answer.Content.ReadFromJsonAsync<Name>())!.Id : throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Ends a recording; the answer is its id, null when there is none.</summary>
    public async Task<string?> StopAsync(string stream)
    {
        using var answer = await _http.DeleteAsync(Control(stream));
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Name>())!.Id;
    }

    /// <summary>Who records a stream.</summary>
    public async Task<RecordingStatus> StatusAsync(string stream) => (await _http.GetFromJsonAsync<RecordingStatus>(Control(stream)))!;

    /// <summary>What this node lists.</summary>
    public async Task<IReadOnlyList<ListedRecording>> ListAsync() => (await _http.GetFromJsonAsync<Page>(new Uri("/api/v1/recordings", UriKind.Relative)))!.Recordings;

    /// <summary>Waits until the list is as wanted.</summary>
    public async Task<IReadOnlyList<ListedRecording>> UntilListAsync(Func<IReadOnlyList<ListedRecording>, bool> wanted, TimeSpan limit)
    {
        IReadOnlyList<ListedRecording> list = [];
        await UntilAsync(async () => wanted(list = await ListAsync()), limit, () => $"the list is [{string.Join(", ", list)}]");
        return list;
    }

    /// <summary>Waits until a stream is recorded as wanted.</summary>
    public async Task<RecordingStatus> UntilStatusAsync(string stream, Func<RecordingStatus, bool> wanted, TimeSpan limit)
    {
        RecordingStatus? status = null;
        await UntilAsync(async () => wanted(status = await StatusAsync(stream)), limit, () => $"it is {status}");
        return status!;
    }

    /// <summary>The gaps that a recording declares.</summary>
    public async Task<IReadOnlyList<DeclaredGap>> GapsAsync(string id) => (await IndexAsync(id)).Gaps;

    /// <summary>Seconds that can be played.</summary>
    public async Task<double> LengthAsync(string id) => (await IndexAsync(id)).Duration;

    /// <summary>Downloads the one file of a finished recording.</summary>
    /// <returns>Its path; the caller deletes it.</returns>
    public async Task<string> DownloadAsync(string id)
    {
        var file = Assert.Single((await IndexAsync(id)).Files);
        var path = Path.GetTempFileName();
        await using var to = File.Create(path);
        await using var from = await _http.GetStreamAsync(new Uri(file.Url, UriKind.Relative));
        await from.CopyToAsync(to);
        return path;
    }

    /// <summary>The longest time between two packets of a track, by ffprobe.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="track">"v" or "a".</param>
    public static async Task<(int Packets, double LongestGap)> LookAsync(string path, string track)
    {
        var (output, _) = await RunAsync("ffprobe", "-v", "error", "-select_streams", track, "-show_entries", "packet=pts_time", "-of", "csv=p=0", path);
        double[] times = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line.Trim(','), CultureInfo.InvariantCulture)).Order()];
        return (times.Length, times.Zip(times.Skip(1), (a, b) => b - a).DefaultIfEmpty(double.PositiveInfinity).Max());
    }

    /// <summary>What ffmpeg complains of when it decodes everything; empty for a clean file.</summary>
    public static async Task<string> DecodeAsync(string path) => (await RunAsync("ffmpeg", "-v", "error", "-xerror", "-i", path, "-f", "null", "-")).Errors;

    /// <summary>Waits for something that cannot be waited for otherwise.</summary>
    public static async Task UntilAsync(Func<Task<bool>> question, TimeSpan limit, Func<string> state)
    {
        using var end = new CancellationTokenSource(limit);
        using var timer = new PeriodicTimer(Interval);
        while (!await question())
        {
            if (end.IsCancellationRequested) throw new TimeoutException($"After {limit} {state()}.");
            await timer.WaitForNextTickAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Uri Control(string stream) => new($"/api/v1/streams/{stream}/recording", UriKind.Relative);

    private async Task<Index> IndexAsync(string id) => (await _http.GetFromJsonAsync<Index>(new Uri($"/vod/{id}/index.json", UriKind.Relative)))!;

    private static async Task<(string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (await output, errors);
    }

    private sealed record Name(string Id);

    private sealed record Page(IReadOnlyList<ListedRecording> Recordings);

    private sealed record Index(double Duration, IReadOnlyList<FileEntry> Files, IReadOnlyList<DeclaredGap> Gaps);

    private sealed record FileEntry(string Url);
}
