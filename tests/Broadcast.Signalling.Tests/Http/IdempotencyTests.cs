using System.Net;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Http;

/// <summary>A POST whose answer was lost can be sent again.</summary>
public class IdempotencyTests
{
    private const string Body = "{\"scope\":\"watch\",\"stream\":\"live\"}";

    [Fact]
    public async Task The_same_request_gets_the_same_answer_and_nothing_is_made_twice()
    {
        await using var node = await TestNode.StartAsync();
        var operate = node.Token(TokenScope.Operate);
        var first = await MintAsync(node, operate, "\"one\"", Body);
        var again = await MintAsync(node, operate, "one", Body);
        var other = await MintAsync(node, operate, "two", Body);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        var token = await first.Content.ReadAsStringAsync();
        Assert.Contains("\"token\"", token, StringComparison.Ordinal);
        Assert.Equal(token, await again.Content.ReadAsStringAsync());
        Assert.Equal("application/json", again.Content.Headers.ContentType?.MediaType);
        Assert.NotEqual(token, await other.Content.ReadAsStringAsync());

        await (await MintAsync(node, operate, "one", Body.Replace("live", "other", StringComparison.Ordinal))).AssertProblemAsync(422);
        await (await MintAsync(node, operate, "no, key", Body)).AssertProblemAsync(400);
        node.Time.Advance(TimeSpan.FromHours(25));
        Assert.NotEqual(token, await (await MintAsync(node, node.Token(TokenScope.Operate), "one", Body)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_key_of_one_caller_is_nothing_to_another_and_what_was_refused_may_be_tried_again()
    {
        await using var node = await TestNode.StartAsync();
        var (one, two) = (node.Token(TokenScope.Operate), node.Token(TokenScope.Operate));
        var first = await MintAsync(node, one, "key", Body);
        Assert.NotEqual(await first.Content.ReadAsStringAsync(), await (await MintAsync(node, two, "key", Body)).Content.ReadAsStringAsync());
        await (await MintAsync(node, node.Token(TokenScope.Watch), "key", Body)).AssertProblemAsync(403);
        await (await MintAsync(node, one, "bad", "{}")).AssertProblemAsync(400);
        Assert.Equal(HttpStatusCode.Created, (await MintAsync(node, one, "bad", Body)).StatusCode);
        await (await MintAsync(node, one, "long", new string('x', 300_000))).AssertProblemAsync(413);
    }

    [Fact]
    public void A_request_that_is_under_way_is_not_begun_again()
    {
        var store = new IdempotencyStore(new ManualTime());
        Assert.Equal(IdempotencyStore.Turn.First, store.Begin("k", "body", out _));
        Assert.Equal(IdempotencyStore.Turn.Concurrent, store.Begin("k", "body", out _));
        Assert.Equal(IdempotencyStore.Turn.Different, store.Begin("k", "other", out _));
        store.End("k", null);
        Assert.Equal(IdempotencyStore.Turn.First, store.Begin("k", "body", out _));
        store.End("k", new KeptAnswer(201, null, null, [1]));
        Assert.Equal(IdempotencyStore.Turn.Repeated, store.Begin("k", "body", out var answer));
        Assert.Equal(201, answer!.Status);
    }

    [Fact]
    public async Task Pages_of_streams_and_sessions_lead_to_the_next()
    {
        await using var node = await TestNode.StartAsync();
        foreach (var name in new[] { "c", "a", "b" }) node.Media.Set(FakeMediaPlane.Stream(name));
        var first = await node.SendAsync("GET", "/api/v1/streams?limit=2");
        Assert.Equal("</api/v1/streams?limit=2&after=b>; rel=\"next\"", first.Header("Link"));
        var last = await node.SendAsync("GET", "/api/v1/streams?limit=2&after=b");
        Assert.Equal("", last.Header("Link"));
        Assert.Contains("\"c\"", await last.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await (await node.SendAsync("GET", "/api/v1/streams?limit=0")).AssertProblemAsync(400);

        for (var number = 0; number < 3; number++) await node.WatchAsync();
        var operate = node.Token(TokenScope.Operate);
        var seen = await (await node.SendAsync("GET", "/api/v1/streams/live/sessions?limit=2&after=session1", token: operate)).Content.ReadAsStringAsync();
        Assert.Contains("session2", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("session1\"", seen, StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> MintAsync(TestNode node, string token, string key, string body) =>
        node.SendAsync("POST", "/api/v1/tokens", body, "application/json", token, headers: (Idempotency.Header, key));
}
