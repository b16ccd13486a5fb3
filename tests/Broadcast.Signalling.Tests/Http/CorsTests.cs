using System.Net;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Http;

public class CorsTests
{
    [Theory]
    [InlineData("/whip/live", "application/sdp", "")]
    [InlineData("/whep/live", "application/sdp", "")]
    [InlineData("/whip/live/session1", "", "application/trickle-ice-sdpfrag")]
    [InlineData("/whep/live/session1/events", "application/json", "")]
    [InlineData("/whep/live/session1/layer", "application/json", "")]
    [InlineData("/api/v1/streams", "", "")]
    public async Task A_preflight_is_answered_without_a_token(string path, string acceptPost, string acceptPatch)
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        var response = await node.SendAsync(
            "OPTIONS", path, headers: [("Origin", "https://site.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,content-type")]);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Equal("OPTIONS, GET, HEAD, POST, PATCH, DELETE", response.Header("Access-Control-Allow-Methods"));
        Assert.Equal("Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range, If-Range, Traceparent", response.Header("Access-Control-Allow-Headers"));
        Assert.Equal("Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, Accept-Ranges, Content-Range", response.Header("Access-Control-Expose-Headers"));
        Assert.Equal("86400", response.Header("Access-Control-Max-Age"));
        Assert.Equal(acceptPost, response.Header("Accept-Post"));
        Assert.Equal(acceptPatch, response.Header("Accept-Patch"));
    }

    [Theory]
    [InlineData("POST", "/whip/live")]
    [InlineData("POST", "/whep/a.b")]
    [InlineData("GET", "/api/v1/nothing")]
    [InlineData("PUT", "/whep/live")]
    public async Task Refusals_can_be_read_by_pages_of_other_origins_too(string method, string path)
    {
        await using var node = await TestNode.StartAsync();
        var response = await node.SendAsync(method, path);
        Assert.InRange((int)response.StatusCode, 400, 499);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Equal("Location, ETag, Link, Accept-Post, Accept-Patch, Retry-After, Accept-Ranges, Content-Range", response.Header("Access-Control-Expose-Headers"));
    }

    [Theory]
    [InlineData("https://good.example", "https://good.example")]
    [InlineData("https://bad.example", "")]
    public async Task Origins_can_be_limited(string origin, string allowed)
    {
        await using var node = await TestNode.StartAsync(("Http:AllowedOrigins:0", "https://good.example"));
        var response = await node.SendAsync("GET", "/api/v1/streams", headers: ("Origin", origin));
        Assert.Equal(allowed, response.Header("Access-Control-Allow-Origin"));
        Assert.Equal("Origin", response.Header("Vary"));
    }
}
