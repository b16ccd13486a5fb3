using System.Net;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Signalling.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broadcast.Signalling.Tests.Webhooks;

public sealed class WebhookSenderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hooks-").FullName;
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();

    private string Path => System.IO.Path.Combine(_folder, "dead-letters.jsonl");

    public void Dispose()
    {
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task News_are_signed_and_told_again_in_order_until_they_are_taken()
    {
        var target = new HookTarget(HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadGateway, HttpStatusCode.NoContent, HttpStatusCode.OK);
        var sender = Sender(target, Dead());
        var running = sender.RunAsync(_stop.Token);
        sender.Add(Delivery("first"));
        sender.Add(Delivery("second"));
        await UntilAsync(() => sender.Delivered == 2);
        await StopAsync(running);

        Assert.Equal(["first", "first", "first", "second"], target.Events);
        Assert.Equal([3, 1], target.Requests.GroupBy(request => request.Delivery).Select(group => group.Count()));
        foreach (var (body, signature, _) in target.Requests)
        {
            var parts = signature.Split(',');
            var stamp = parts[0]["t=".Length..];
            var expected = HMACSHA256.HashData("secret"u8, Encoding.UTF8.GetBytes($"{stamp}.{body}"));
            Assert.Equal("v1=" + Convert.ToHexStringLower(expected), parts[1]);
        }
    }

    [Fact]
    public async Task What_is_never_taken_becomes_a_dead_letter_that_outlives_the_node_and_the_next_is_told()
    {
        var target = new HookTarget([.. Enumerable.Repeat(HttpStatusCode.InternalServerError, 8), HttpStatusCode.OK]);
        var sender = Sender(target, Dead());
        var running = sender.RunAsync(_stop.Token);
        sender.Add(Delivery("lost"));
        sender.Add(Delivery("next"));
        await UntilAsync(() => sender.Delivered == 1);
        await StopAsync(running);

        var letter = Assert.Single(Dead().List());
        Assert.Equal(("lost", 8, "it answered 500"), (letter.Event, letter.Attempts, letter.Reason));
        Assert.Equal(target.Requests.First().Delivery, letter.Id);
        Assert.Equal(target.Requests.First().Body, letter.Body.GetRawText());
    }

    [Fact]
    public void Adding_never_waits_and_what_is_too_much_are_dead_letters_of_which_the_newest_are_kept()
    {
        var dead = Dead(limit: 10);
        var sender = Sender(new HookTarget(HttpStatusCode.OK), dead);
        for (var i = 0; i < 1_100; i++) sender.Add(Delivery($"e{i}"));
        Assert.Equal((1_000, 100L, 10), (sender.Waiting, sender.Failed, dead.Count));
        Assert.Equal("e99", Dead(limit: 10).List()[^1].Event);
        Assert.True(File.ReadLines(Path).Count() <= 21);
    }

    [Fact]
    public async Task What_waits_when_the_node_stops_is_sent_when_it_starts_again()
    {
        var away = new HookTarget(HttpStatusCode.BadGateway);
        var sender = Sender(away, Dead());
        var running = sender.RunAsync(_stop.Token);
        sender.Add(Delivery("one"));
        sender.Add(Delivery("two"));
        await UntilAsync(() => !away.Requests.IsEmpty);
        await StopAsync(running);
        sender.Add(Delivery("late"));

        var target = new HookTarget(HttpStatusCode.OK);
        using var again = new CancellationTokenSource();
        var dead = Dead();
        var next = Sender(target, dead).RunAsync(again.Token);
        await UntilAsync(() => target.Requests.Count == 3);
        await again.CancelAsync();
        await next;
        Assert.Equal(["one", "two", "late"], target.Events);
        Assert.Equal(0, dead.Count);
    }

    [Fact]
    public void A_torn_line_costs_itself_only()
    {
        var dead = Dead();
        dead.Add(Target, Delivery("a"), 8, "x");
        dead.Add(Target, Delivery("b"), 8, "x");
        var whole = File.ReadAllText(Path);
        File.WriteAllText(Path, whole[..^20]);
        dead = Dead();
        dead.Add(Target, Delivery("c"), 8, "x");
        Assert.Equal(["a", "c"], Dead().List().Select(letter => letter.Event));
    }

    private static WebhookTarget Target { get; } = new(new Uri("https://user:password@example.org/hook?key=1"), new Secret("secret"), []);

    private static WebhookDelivery Delivery(string name) => new(Guid.NewGuid().ToString("N"), name, DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes($"{{\"event\":\"{name}\"}}"));

    private DeadLetters Dead(int limit = 100) => new(Path, limit, _time, NullLogger.Instance);

    private WebhookSender Sender(HookTarget target, DeadLetters dead) => new(Target, new HttpClient(target), dead, _time, new Random(1), NullLogger.Instance);

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running;
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        for (var until = DateTime.UtcNow.AddSeconds(60); !condition();)
        {
            Assert.True(DateTime.UtcNow < until, "It did not come about.");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
        }
    }
}
