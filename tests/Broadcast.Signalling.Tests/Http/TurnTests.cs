using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Http;

public class TurnTests
{
    private static readonly (string, string)[] Settings =
    [
        ("IceServers:StunUrls:0", "stun:stun.example.net:3478"),
        ("IceServers:TurnUrls:0", "turn:turn.example.net:3478?transport=udp"),
        ("IceServers:TurnUrls:1", "turns:turn.example.net:443?transport=tcp"),
        ("IceServers:TurnSecret", "north"),
        ("IceServers:TurnLifetime", "01:00:00"),
    ];

    [Fact]
    public void Credentials_follow_the_rest_scheme()
    {
        // printf %s 1433895918:user | openssl dgst -sha1 -hmac north -binary | base64
        var credentials = TurnCredentials.Create("north", "user", DateTimeOffset.FromUnixTimeSeconds(1433895918));
        Assert.Equal("1433895918:user", credentials.Username);
        Assert.Equal("/gk4t5tUc08OpM3NjrVjHSFVNmY=", credentials.Credential);
    }

    [Theory]
    [InlineData("whip")]
    [InlineData("whep")]
    public async Task A_session_is_told_stun_and_turn_with_credentials_of_its_own(string protocol)
    {
        await using var node = await TestNode.StartAsync(Settings);
        var response = protocol == "whip" ? await node.PublishAsync() : await node.WatchAsync();
        var links = response.Headers.GetValues("Link").ToList();

        Assert.Equal("<stun:stun.example.net:3478>; rel=\"ice-server\"", links[0]);
        var turn = Regex.Match(
            links[1],
            "^<turn:turn\\.example\\.net:3478\\?transport=udp>; rel=\"ice-server\"; username=\"(.+)\"; credential=\"(.+)\"; credential-type=\"password\"$");
        Assert.True(turn.Success, links[1]);
        var username = turn.Groups[1].Value;
        Assert.StartsWith((node.Time.GetUtcNow() + TimeSpan.FromHours(1)).ToUnixTimeSeconds() + ":", username, StringComparison.Ordinal);
        Assert.DoesNotContain("session1", username, StringComparison.Ordinal);
        var expected = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes("north"), Encoding.UTF8.GetBytes(username)));
        Assert.Equal(expected, turn.Groups[2].Value);
        Assert.StartsWith("<turns:turn.example.net:443?transport=tcp>; rel=\"ice-server\"; username=", links[2], StringComparison.Ordinal);
        Assert.Equal(protocol == "whep" ? 6 : 3, links.Count); // WHEP advertises events, layers and the session besides
    }

    [Fact]
    public async Task A_preflight_is_told_no_servers()
    {
        await using var node = await TestNode.StartAsync(Settings);
        Assert.Equal("", (await node.SendAsync("OPTIONS", "/whip/live")).Header("Link"));
    }

    [Fact]
    public async Task A_refusal_is_told_no_servers()
    {
        await using var node = await TestNode.StartAsync(Settings);
        Assert.Equal("", (await node.SendAsync("POST", "/whip/live", TestNode.Offer, "application/sdp")).Header("Link"));
    }

    [Fact]
    public async Task Without_a_secret_turn_is_not_told()
    {
        await using var node = await TestNode.StartAsync(("IceServers:TurnUrls:0", "turn:turn.example.net:3478"));
        Assert.Equal("", (await node.PublishAsync()).Header("Link"));
    }

    [Fact]
    public async Task Info_gives_turn_credentials_only_to_callers_with_a_token()
    {
        await using var node = await TestNode.StartAsync(Settings);
        Assert.Equal(["stun:stun.example.net:3478"], await UrlsAsync(await node.SendAsync("GET", "/api/v1/info")));
        Assert.Equal(3, (await UrlsAsync(await node.SendAsync("GET", "/api/v1/info", token: node.Token(TokenScope.Watch)))).Count);
    }

    private static async Task<List<string>> UrlsAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var info = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return [.. info.RootElement.GetProperty("iceServers").EnumerateArray()
            .SelectMany(server => server.GetProperty("urls").EnumerateArray()).Select(url => url.GetString()!)];
    }
}
