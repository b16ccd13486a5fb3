using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Vod.Api;
using Broadcast.Vod.Hooks;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

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
    public async Task News_are_signed_and_told_again_until_they_are_taken()
    {
        var target = new Target(HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadGateway, HttpStatusCode.NoContent, HttpStatusCode.OK);
        var time = new ManualTime();
        using var sender = Sender(target, time);
        await sender.StartAsync(default);
        sender.Raise(News("first"));
        sender.Raise(News("second"));
        await UntilAsync(time, () => target.Requests.Count == 4);
        await sender.StopAsync(default);

        Assert.Equal(["first", "first", "first", "second"], target.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement.GetProperty("recording").GetProperty("id").GetString()));
        Assert.Equal([3, 1], target.Requests.GroupBy(request => request.Delivery).Select(group => group.Count()));
        foreach (var (body, signature, _) in target.Requests)
        {
            var parts = signature.Split(',');
            var stamp = parts[0]["t=".Length..];
            var expected = HMACSHA256.HashData("secret"u8, Encoding.UTF8.GetBytes($"{stamp}.{body}"));
            Assert.Equal("v1=" + Convert.ToHexStringLower(expected), parts[1]);
        }

        // The time is that of each try.
        Assert.True(target.Requests.Select(request => request.Signature.Split(',')[0]).Distinct().Count() >= 3);
    }

    [Fact]
    public async Task What_is_never_taken_is_given_up_and_the_next_is_told()
    {
        var target = new Target([.. Enumerable.Repeat(HttpStatusCode.InternalServerError, 8), HttpStatusCode.OK]);
        var time = new ManualTime();
        using var sender = Sender(target, time);
        await sender.StartAsync(default);
        sender.Raise(News("lost"));
        sender.Raise(News("next"));
        await UntilAsync(time, () => target.Requests.Count == 9);
        await sender.StopAsync(default);
        Assert.Equal([8, 1], target.Requests.GroupBy(request => request.Delivery).Select(group => group.Count()));
    }

    [Fact]
    public void Raising_never_waits_and_the_newest_are_kept()
    {
        using var sender = Sender(new Target(), new ManualTime());
        for (var i = 0; i < 5_000; i++) sender.Raise(News("x"));
    }

    private static WebhookSender Sender(Target target, ManualTime time) =>
        new(new Uri("http://127.0.0.1:9/hook"), new Secret("secret"), new HttpClient(target), time, NullLogger<WebhookSender>.Instance);

    private static RecordingNews News(string id) => new(
        RecordingNewsNames.Started, DateTimeOffset.UnixEpoch,
        new RecordingView(id, "live", "", [], "recording", DateTimeOffset.UnixEpoch, null, 0, 0, null, "a", "policy", null, 0, 0, null, "/vod/x"));

    private static async Task UntilAsync(ManualTime time, Func<bool> condition)
    {
        for (var until = DateTime.UtcNow.AddSeconds(60); !condition();)
        {
            Assert.True(DateTime.UtcNow < until, "It did not come about.");
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
        }
    }

    private sealed class Kept : IRecordingHooks
    {
        public ConcurrentQueue<RecordingNews> News { get; } = new();

        public void Raise(RecordingNews news) => News.Enqueue(news);
    }

    private sealed class Target(params HttpStatusCode[] answers) : HttpMessageHandler
    {
        private int _next;

        public ConcurrentQueue<(string Body, string Signature, string Delivery)> Requests { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Requests.Enqueue((body, request.Headers.GetValues(WebhookSender.SignatureHeader).Single(), request.Headers.GetValues(WebhookSender.DeliveryHeader).Single()));
            return new HttpResponseMessage(answers[Math.Min(_next++, answers.Length - 1)]);
        }
    }
}
