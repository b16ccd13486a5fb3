using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Tests.Fakes;
using Broadcast.Signalling.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Auth;

public sealed class AuthWebhookTests : IAsyncLifetime
{
    private readonly AuthReceiver _receiver = AuthReceiver.Start();
    private readonly string _secretFile = Path.GetTempFileName();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        File.Delete(_secretFile);
    }

    [Fact]
    public async Task The_service_is_asked_who_wants_what_and_by_its_word_a_publisher_is_taken()
    {
        await using var node = await StartAsync();
        var response = await node.SendAsync(
            "POST", "/whip/live", TestNode.Offer, "application/sdp", "opaque-key", headers: [(TestNode.AddressHeader, "192.0.2.7"), ("User-Agent", "encoder/1.0")]);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var (body, signature) = Assert.Single(_receiver.Questions);
        var question = JsonDocument.Parse(body).RootElement;
        Assert.Equal(
            ["authorize", "publish", "live", "opaque-key", "192.0.2.7", "encoder/1.0"],
            new[] { "event", "action", "stream", "token", "address", "userAgent" }.Select(name => question.GetProperty(name).GetString()));
        var seconds = long.Parse(signature[2..signature.IndexOf(',', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        Assert.Equal(WebhookPost.Sign(new Secret("shared"), seconds, Encoding.UTF8.GetBytes(body)), signature);
    }

    [Theory]
    [InlineData("POST", "/whip/live", "publish", "live")]
    [InlineData("POST", "/whep/live", "play", "live")]
    [InlineData("GET", "/api/v1/streams/live/sessions", "manage", "live")]
    [InlineData("GET", "/api/v1/nodes", "manage", "*")]
    public async Task Each_kind_of_request_is_an_action(string method, string path, string action, string stream)
    {
        await using var node = await StartAsync();
        var response = await node.SendAsync(method, path, method == "POST" ? TestNode.Offer : null, "application/sdp", "key");
        Assert.True(response.IsSuccessStatusCode, response.StatusCode.ToString());
        var question = JsonDocument.Parse(Assert.Single(_receiver.Questions).Body).RootElement;
        Assert.Equal((action, stream), (question.GetProperty("action").GetString(), question.GetProperty("stream").GetString()));
    }

    [Theory]
    [InlineData(401, 401)]
    [InlineData(403, 403)]
    [InlineData(404, 503)]
    [InlineData(500, 503)]
    [InlineData(302, 503)]
    public async Task Who_is_denied_or_cannot_be_judged_is_not_taken(int answer, int status)
    {
        await using var node = await StartAsync();
        _receiver.Answers = _ => (answer, "");
        var response = await WatchAsync(node, "key");
        await response.AssertProblemAsync(status);
        if (status == 503) Assert.NotEmpty(response.Header("Retry-After"));
        Assert.Null(node.Media.LastOffer);

        // And it is asked again: a mistake of the service must not last.
        _receiver.Answers = _ => (200, "");
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "key")).StatusCode);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"subject\":\"\"}")]
    [InlineData("{\"subject\":7}")]
    [InlineData("{\"expires\":\"soon\"}")]
    [InlineData("{\"expires\":1e300}")]
    [InlineData("{\"streams\":\"live\"}")]
    [InlineData("{\"streams\":[7]}")]
    public async Task An_answer_that_cannot_be_read_lets_nobody_in(string body)
    {
        await using var node = await StartAsync();
        _receiver.Answers = _ => (200, body);
        await (await WatchAsync(node, "key")).AssertProblemAsync(503);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        await using var node = await StartAsync();
        _receiver.Answers = _ => (200, new string(' ', 1_000_000) + "{}");
        await (await WatchAsync(node, "key")).AssertProblemAsync(503);
    }

    [Fact]
    public async Task A_service_that_is_silent_or_gone_lets_nobody_in()
    {
        await using var node = await StartAsync();
        _receiver.Held = new TaskCompletionSource();
        var waiting = WatchAsync(node, "key");
        await _receiver.Asked.Task;
        node.Time.Advance(TimeSpan.FromSeconds(2));
        await (await waiting).AssertProblemAsync(503);

        await _receiver.DisposeAsync();
        await (await WatchAsync(node, "key")).AssertProblemAsync(503);
    }

    [Fact]
    public async Task What_was_allowed_counts_for_a_while_for_this_caller_stream_and_action_only()
    {
        await using var node = await StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "key")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "key")).StatusCode);
        Assert.Single(_receiver.Questions);
        _receiver.Answers = _ => (403, "");
        await (await WatchAsync(node, "other")).AssertProblemAsync(403);
        await (await node.WatchAsync("another", "key")).AssertProblemAsync(403);
        await (await node.PublishAsync("live", "key")).AssertProblemAsync(403);
        node.Time.Advance(TimeSpan.FromSeconds(31));
        await (await WatchAsync(node, "key")).AssertProblemAsync(403);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_no_answer_and_the_question_is_asked_once_more()
    {
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        await using var node = await TestNode.StartAsync(("Auth:WebhookUrl", $"http://{service.LocalEndpoint}/auth"), ("Webhooks:AllowInternal", "true"), ("Watch:Public", "false"));
        var asked = WatchAsync(node, "key");
        (await service.AcceptTcpClientAsync()).Dispose();
        using var second = await service.AcceptTcpClientAsync();
        await second.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray());
        Assert.Equal(HttpStatusCode.Created, (await asked).StatusCode);
    }

    [Fact]
    public async Task An_answer_ends_when_it_says_and_holds_for_the_streams_that_it_names()
    {
        await using var node = await StartAsync();
        _receiver.Answers = _ => (200, $"{{\"expires\":{node.Time.GetUtcNow().ToUnixTimeSeconds() + 5},\"streams\":[\"live\",\"second\"]}}");
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "key")).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await node.WatchAsync("second", "key")).StatusCode);
        Assert.Single(_receiver.Questions);
        await (await node.WatchAsync("third", "key")).AssertProblemAsync(403);
        node.Time.Advance(TimeSpan.FromSeconds(6));
        _receiver.Answers = _ => (401, "");
        await (await WatchAsync(node, "key")).AssertProblemAsync(401);
    }

    [Fact]
    public async Task Whom_the_service_names_is_counted_and_banned_by_that_name()
    {
        await using var node = await StartAsync(("Limits:SessionsPerSubject", "1"));
        _receiver.Answers = _ => (200, "{\"subject\":\"customer-7\"}");
        Assert.Equal(HttpStatusCode.Created, (await WatchAsync(node, "key-1")).StatusCode);
        await (await WatchAsync(node, "key-2")).AssertProblemAsync(429);
        var now = node.Time.GetUtcNow().ToUnixTimeMilliseconds();
        node.Services.GetRequiredService<BanList>().Set(new Ban("b", "customer-7", null, "", now, now + 60_000));
        await (await WatchAsync(node, "key-3")).AssertProblemAsync(403);
    }

    [Fact]
    public async Task The_same_question_is_asked_once_for_all_who_wait()
    {
        await using var node = await StartAsync();
        _receiver.Held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var counted = new CountedAnswers(node.Services.GetRequiredService<AuthMeters>());
        var waiting = Enumerable.Range(0, 20).Select(_ => WatchAsync(node, "key")).ToList();
        await counted.UntilAsync("shared", 19);
        _receiver.Held.SetResult();
        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Single(_receiver.Questions);
        Assert.Equal(1, counted["allowed"]);
    }

    [Fact]
    public async Task Tokens_of_the_node_and_callers_without_any_are_not_asked_about()
    {
        await using var node = await StartAsync();
        _receiver.Answers = _ => (403, "");
        Assert.Equal(HttpStatusCode.Created, (await node.PublishAsync()).StatusCode);
        await (await node.WatchAsync()).AssertProblemAsync(401);
        await (await node.PublishAsync("live", node.Token(TokenScope.Watch))).AssertProblemAsync(403);
        Assert.Empty(_receiver.Questions);
    }

    [Fact]
    public async Task Whoever_is_denied_again_and_again_is_not_asked_about_any_more()
    {
        await using var node = await StartAsync(("Auth:FailuresPerMinute", "3"));
        _receiver.Answers = _ => (401, "");
        for (var count = 0; count < 3; count++) await (await WatchAsync(node, $"guess-{count}")).AssertProblemAsync(401);
        await (await WatchAsync(node, "guess")).AssertProblemAsync(429);
        Assert.Equal(3, _receiver.Questions.Count);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/auth", "https address")]
    [InlineData("https://127.0.0.1:1/auth", "private network")]
    [InlineData("https://localhost/auth", "private network")]
    [InlineData("ftp://example.org", "no address")]
    public async Task An_address_where_tokens_must_not_go_is_refused_at_start(string url, string sentence)
    {
        var exception = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await using var node = await TestNode.StartAsync(("Auth:WebhookUrl", url));
        });
        Assert.Contains(sentence, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_the_oldest_goes_first()
    {
        var time = new ManualTime();
        var cache = new AuthCache(100, time);
        for (var count = 0; count < 1000; count++) cache.Add($"{count}", Grant.Anonymous, time.GetUtcNow().AddSeconds(10));
        Assert.Equal(100, cache.Count);
        Assert.Null(cache.Find("899"));
        Assert.NotNull(cache.Find("900"));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(cache.Find("999"));
    }

    private static Task<HttpResponseMessage> WatchAsync(TestNode node, string token) => node.WatchAsync("live", token);

    private Task<TestNode> StartAsync(params (string Key, string Value)[] more)
    {
        File.WriteAllText(_secretFile, "shared\n");
        return TestNode.StartAsync(
        [
            ("Auth:WebhookUrl", _receiver.Url), ("Auth:WebhookSecretFile", _secretFile), ("Webhooks:AllowInternal", "true"), ("Watch:Public", "false"), .. more,
        ]);
    }
}
