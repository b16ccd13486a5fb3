using System.Collections.Concurrent;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Tests.Stores;

/// <summary>The store does not answer for minutes while recordings come to their end; the time between tries is virtual.</summary>
public sealed class StoreAwayTests
{
    private const int IsAway = 623;
    private const int IsBack = 624;
    private const int IsTriedAgain = 620;
    private const int RecordingsBeforeRestart = 3;

    private static readonly TimeSpan Half = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task Recordings_that_end_while_the_store_is_away_are_played_from_the_spool_and_stored_when_it_is_back()
    {
        var folder = TestVod.NewFolder();
        var secret = Path.Combine(folder, "secret");
        await File.WriteAllTextAsync(secret, "secret");
        var log = new LogMemory();
        var server = await FakeS3.StartAsync();
        var address = server.Address;
        server.Fail = _ => 503;
        var options = new VodOptions { Store = "s3://bucket/vod", S3Endpoint = address.AbsoluteUri, S3AccessKey = "key", S3SecretKeyFile = secret };
        await using var vod = await TestVod.StartAsync(options, services => services.AddSingleton<ILoggerProvider>(log), folder);

        // :: Step 1: it answers 503
        var ids = new List<RecordingId>();
        for (var i = 0; i < RecordingsBeforeRestart; i++) ids.Add(vod.Record());
        await PassAsync(vod, Half, ids);

        // :: Step 2: nothing listens there
        await server.DisposeAsync();
        ids.Add(vod.Record());
        await PassAsync(vod, Half, ids);
        Assert.Equal(1, log.CountOf(IsAway));
        Assert.Equal((0, 0), (log.CountOf(IsTriedAgain), log.CountOf(IsBack)));

        // :: Step 3: it is back, with nothing in it
        await using var back = await FakeS3.StartAsync(address.Port);
        foreach (var id in ids) await vod.UntilStoredAsync(id);
        byte[] whole = [.. TestVod.Bytes(1, 100), .. TestVod.Bytes(2, 100)];
        foreach (var id in ids)
        {
            Assert.Equal(whole, back.Objects[$"/bucket/vod/{id}/part-1.webm"].Bytes);
            Assert.Equal(3, back.Objects.Keys.Count(key => key.Contains(id.ToString(), StringComparison.Ordinal)));
            Assert.Null((await vod.Catalogue.FindAsync(id, default))!.Error);
        }

        Assert.Equal((1, 1), (log.CountOf(IsAway), log.CountOf(IsBack)));
    }

    /// <summary>Lets time pass; all that has ended is ready, and can be watched.</summary>
    private static async Task PassAsync(TestVod vod, TimeSpan time, List<RecordingId> ids)
    {
        var until = vod.Time.GetUtcNow() + time;
        await vod.UntilAsync(async () =>
        {
            foreach (var id in ids)
            {
                if (await vod.Catalogue.FindAsync(id, default) is not { State: RecordingState.Ready }) return false;
            }

            return vod.Time.GetUtcNow() >= until;
        });
        foreach (var id in ids)
        {
            Assert.DoesNotContain(await vod.Catalogue.ListFilesAsync(id, default), file => file.InStore);
            Assert.Equal(200, (await vod.Client.GetByteArrayAsync($"/vod/{id}/files/part-1.webm")).Length);
        }
    }

    /// <summary>Keeps which events were told.</summary>
    private sealed class LogMemory : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<int> _told = new();

        public int CountOf(int id) => _told.Count(told => told == id);

        public ILogger CreateLogger(string categoryName) => this;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _told.Enqueue(eventId.Id);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Dispose()
        {
        }
    }
}
