using System.Net;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Http;

public class LimitTests
{
    [Theory]
    [InlineData("POST", "/whip/live", "application/sdp")]
    [InlineData("POST", "/whep/live", "application/sdp")]
    [InlineData("POST", "/api/v1/tokens", "application/json")]
    public async Task A_body_over_the_limit_answers_413(string method, string path, string type)
    {
        await using var node = await TestNode.StartAsync();
        var body = new string('a', RequestBody.MaxLength + 1);
        await (await node.SendAsync(method, path, body, type, node.Token(TokenScopes.All))).AssertProblemAsync(413);
        Assert.Null(node.Media.LastOffer);
    }

    [Fact]
    public async Task A_body_without_a_length_is_cut_at_the_limit()
    {
        await using var node = await TestNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/whep/live") { Content = new EndlessContent() };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/sdp");
        await (await node.Client.SendAsync(request)).AssertProblemAsync(413);
    }

    [Fact]
    public async Task A_body_of_exactly_the_limit_is_taken()
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync("POST", "/whep/live", new string('a', RequestBody.MaxLength), "application/sdp");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task A_compressed_body_answers_415()
    {
        await using var node = await TestNode.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/whep/live") { Content = new ByteArrayContent([1, 2, 3]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/sdp");
        request.Content.Headers.ContentEncoding.Add("gzip");
        await (await node.Client.SendAsync(request)).AssertProblemAsync(415);
    }

    [Fact]
    public async Task Too_many_requests_of_one_address_answer_429_there_and_nowhere_else()
    {
        await using var node = await TestNode.StartAsync(("RateLimit:PerAddress", "1"), ("RateLimit:BurstSeconds", "1"));
        var refused = await UntilRefusedAsync(() => node.SendAsync("GET", "/whep/live", headers: (TestNode.AddressHeader, "2001:db8::1")));
        await refused.AssertProblemAsync(429);
        Assert.True(int.Parse(refused.Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture) >= 1);
        Assert.Equal("*", refused.Header("Access-Control-Allow-Origin"));
        Assert.Equal(HttpStatusCode.NoContent, (await node.SendAsync("GET", "/whep/live", headers: (TestNode.AddressHeader, "2001:db8:0:1::1"))).StatusCode);
    }

    [Fact]
    public async Task Too_many_requests_with_one_token_answer_429_whatever_the_address()
    {
        await using var node = await TestNode.StartAsync(("RateLimit:PerToken", "1"), ("RateLimit:BurstSeconds", "1"));
        var (shared, other) = (node.Token(TokenScope.Publish), node.Token(TokenScope.Publish));
        var next = 0;
        await (await UntilRefusedAsync(() => FromAsync(node, shared, $"192.0.2.{next++ % 250}"))).AssertProblemAsync(429);
        Assert.Equal(HttpStatusCode.NoContent, (await FromAsync(node, other, "192.0.2.251")).StatusCode);
    }

    [Fact]
    public async Task Preflights_and_health_are_not_counted()
    {
        await using var node = await TestNode.StartAsync(("RateLimit:PerAddress", "1"), ("RateLimit:BurstSeconds", "1"));
        for (var count = 0; count < 50; count++)
        {
            Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("OPTIONS", "/whip/live")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("GET", "/health/live")).StatusCode);
        }
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void A_source_is_an_address_or_the_half_of_it_a_host_cannot_choose(string one, string other, bool same) =>
        Assert.Equal(same, new SourceAddress(IPAddress.Parse(one)) == new SourceAddress(IPAddress.Parse(other)));

    private static Task<HttpResponseMessage> FromAsync(TestNode node, string token, string address) =>
        node.SendAsync("GET", "/whip/live", token: token, headers: (TestNode.AddressHeader, address));

    // One permit a second: a thousand requests in a row cannot all find one, unless the machine stands still.
    private static async Task<HttpResponseMessage> UntilRefusedAsync(Func<Task<HttpResponseMessage>> send)
    {
        for (var count = 0; count < 1000; count++)
        {
            var response = await send();
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                return response;
        }

        throw new InvalidOperationException("No request was refused.");
    }

    private sealed class EndlessContent : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[16 * 1024];
            for (var count = 0; count < 64; count++)
                await stream.WriteAsync(block);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
