using System.Collections.Concurrent;
using System.Text.Json;
using Broadcast.Signalling.Webhooks;
using Broadcast.Vod.Api;
using Broadcast.Vod.Hooks;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Vod.Tests.Hooks;

public sealed class WebhookTests
{
    [Fact]
    public async Task What_happens_to_a_recording_is_told_in_order()
    {
        var hooks = new Kept();
        await using var vod = await TestVod.StartAsync(services: services => services.AddSingleton<IRecordingHooks>(hooks));
        var id = await vod.RecordReadyAsync();
        Assert.Equal(["recording.started", "recording.segment", "recording.segment", "recording.ready"], hooks.News.Select(news => news.Event));
        Assert.All(hooks.News, news => Assert.Equal(id.ToString(), news.Recording.Id));
        Assert.Equal(new SegmentNews(2, 10, 10, 100), hooks.News.ElementAt(2).Segment);
        Assert.Equal("ready", hooks.News.Last().Recording.State);

        var empty = vod.Begin();
        vod.End(empty, 0);
        Assert.Equal("recording.failed", hooks.News.Last().Event);
        vod.Workshop.Before = _ => throw new WorkshopException("No.");
        vod.Record();
        await vod.UntilAsync(() => hooks.News.Count(news => news.Event == "recording.failed") == 2);
        Assert.Equal("No.", hooks.News.Last().Recording.Error);
    }

    [Fact]
    public void A_webhook_is_told_what_it_always_was()
    {
        var told = new Told();
        new RecordingWebhooks(told).Raise(new RecordingNews(
            RecordingNewsNames.Started, DateTimeOffset.UnixEpoch,
            new RecordingView("id", "live", "", [], "recording", DateTimeOffset.UnixEpoch, null, 0, 0, null, "a", "policy", null, 0, 0, null, "/vod/x")));
        Assert.Equal("recording.started", told.Name);
        var body = JsonDocument.Parse(told.Body!).RootElement;
        Assert.Equal(("recording.started", "id"), (body.GetProperty("event").GetString(), body.GetProperty("recording").GetProperty("id").GetString()));
        Assert.Equal(DateTimeOffset.UnixEpoch, body.GetProperty("at").GetDateTimeOffset());
    }

    private sealed class Told : IWebhooks
    {
        public string? Name { get; private set; }

        public byte[]? Body { get; private set; }

        public bool Wants(string name) => true;

        public void Raise(string name, byte[] body) => (Name, Body) = (name, body);
    }

    private sealed class Kept : IRecordingHooks
    {
        public ConcurrentQueue<RecordingNews> News { get; } = new();

        public void Raise(RecordingNews news) => News.Enqueue(news);
    }
}
