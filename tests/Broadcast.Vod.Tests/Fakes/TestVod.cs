using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Cluster;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Retention;
using Broadcast.Vod.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Tests.Fakes;

/// <summary>The store of recordings of the node "a" in memory, over a fake workshop and recorder, with files in a folder of its own.</summary>
internal sealed class TestVod : IAsyncDisposable
{
    public static readonly RecordedTrack[] Vp8 = [new("vp8", 640, 360, "vp8"), new("opus", 0, 0, "opus")];
    public static readonly RecordedTrack[] H264 = [new("h264", 1280, 720, "avc1.42e01f"), new("opus", 0, 0, "opus")];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;

    private TestVod(WebApplication app, string folder)
    {
        _app = app;
        Folder = folder;
        Client = app.GetTestClient();
    }

    public string Folder { get; }

    public HttpClient Client { get; }

    public ManualTime Time => (ManualTime)Get<TimeProvider>();

    public FakeWorkshop Workshop => (FakeWorkshop)Get<IMediaWorkshop>();

    public RecordingLedger Ledger => Get<RecordingLedger>();

    public ICatalogue Catalogue => Get<ICatalogue>();

    public RecordingSpool Spool => Get<RecordingSpool>();

    public IVodStore Store => Get<IVodStore>();

    public static string NewFolder() => Directory.CreateTempSubdirectory("broadcast-vod-").FullName;

    public static async Task<TestVod> StartAsync(
        VodOptions? options = null, Action<IServiceCollection>? services = null, string? folder = null, bool isReady = true, FakeWorkshop? workshop = null,
        Func<string, CatalogueDatabase>? database = null, params (string Key, string Value)[] settings)
    {
        folder ??= NewFolder();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create("Broadcast:" + pair.Key, (string?)pair.Value)));
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Broadcast:RateLimit:PerAddress", (string?)"0"), KeyValuePair.Create("Broadcast:RateLimit:PerToken", (string?)"0")]);
        builder.Services.AddSingleton<IMediaPlane, FakeMediaPlane>().AddSingleton<IClusterOperations, FakeCluster>().AddSingleton<TimeProvider, ManualTime>();
        builder.Services.AddSingleton(new NodeIdentity("a")).AddSingleton<IMediaWorkshop>(workshop ?? new FakeWorkshop()).AddSingleton<IRecorder, FakeRecorder>();
        builder.Services.AddSignalling(builder.Configuration.GetSection("Broadcast"));
        builder.Services.AddVod(options ?? new VodOptions(), folder);
        if (database is not null) builder.Services.AddSingleton(database(Path.Combine(folder, "recordings", "catalogue.db")));
        services?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseSignalling();
        app.MapVod();
        await app.StartAsync();
        if (isReady) await app.Services.GetRequiredService<CatalogueFollower>().Ready.WaitAsync(Patience);
        return new TestVod(app, folder);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public string Token(TokenScope scopes, string stream = "*") => Get<TokenIssuer>().Issue(scopes, stream, TimeSpan.FromDays(30)).Token.Reveal();

    public RecordingId Begin(string stream = "live", DateTimeOffset? at = null)
    {
        var now = at ?? Time.GetUtcNow();
        var id = RecordingId.New(now);
        Ledger.Append(new RecordingStarted(id, stream, now, RecordingTrigger.Policy, "a"));
        return id;
    }

    /// <summary>Opens a segment and writes its file: a byte for each tenth of a second.</summary>
    public void Open(RecordingId id, int number, double start, double seconds, RecordedTrack[]? tracks = null)
    {
        var container = tracks == H264 ? SegmentContainer.Matroska : SegmentContainer.WebM;
        Ledger.Append(new SegmentOpened(id, number, container, TimeSpan.FromSeconds(start), tracks ?? Vp8));
        File.WriteAllBytes(Spool.PathOf(id, number, container), Bytes(number, (int)(seconds * 10)));
    }

    public void Close(RecordingId id, int number, double seconds) =>
        Ledger.Append(new SegmentClosed(id, number, TimeSpan.FromSeconds(seconds), (long)(seconds * 10), SegmentEndReason.Length));

    public void End(RecordingId id, double seconds) => Ledger.Append(new RecordingEnded(id, TimeSpan.FromSeconds(seconds), RecordingEndReason.Requested));

    /// <summary>A recording of two segments of ten seconds.</summary>
    public RecordingId Record(string stream = "live", RecordedTrack[]? second = null)
    {
        var id = Begin(stream);
        Open(id, 1, 0, 10);
        Close(id, 1, 10);
        Open(id, 2, 10, 10, second);
        Close(id, 2, 10);
        End(id, 20);
        return id;
    }

    public async Task<RecordingId> RecordReadyAsync(string stream = "live", RecordedTrack[]? second = null)
    {
        var id = Record(stream, second);
        await UntilStoredAsync(id);
        return id;
    }

    /// <summary>Until its files are in the store and nothing works with them any more.</summary>
    public Task UntilStoredAsync(RecordingId id) => UntilAsync(async () =>
        await Catalogue.FindAsync(id, default) is { State: RecordingState.Ready } && (await Catalogue.ListFilesAsync(id, default)).All(file => file.InStore) && !Get<JobQueue>().HasOpen(id));

    public static byte[] Bytes(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(seed * 31 + i))];

    public Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    /// <summary>Lets time go on until something has come about.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                if (await condition()) return;
            }
            catch (CatalogueUnavailableException)
            {
                // Not yet made.
            }

            Assert.True(DateTime.UtcNow < until, "It did not come about.");
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }
    }

    public Task TidyAsync() => Get<Housekeeping>().RunAsync(default);

    /// <summary>Tidies until something has come about: what a job still works with waits for the next round.</summary>
    public Task TidyUntilAsync(Func<bool> condition) => UntilAsync(async () =>
    {
        await TidyAsync();
        return condition();
    });

    public Task<HttpResponseMessage> SendAsync(string method, string path, string? token = null, string? json = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request);
    }

    public async Task<JsonElement> JsonAsync(string path, string? token = null)
    {
        var response = await SendAsync("GET", path, token);
        Assert.Equal(200, (int)response.StatusCode);
        return await JsonAsync(response);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;

    /// <summary>Stops the node and keeps its folder.</summary>
    public async Task StopAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
