using System.Net;
using Broadcast.Signalling.Pages;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.AspNetCore.Builder;

namespace Broadcast.Signalling.Tests.Pages;

public sealed class PageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public PageTests()
    {
        foreach (var (file, text) in new[]
        {
            ("index.html", "home"), ("publish/index.html", "publish"), ("watch/index.html", "watch"), ("watch/watch.js", "script"),
            ("operate/index.html", "operate"), ("vod/index.html", "recordings"), ("vod/recording.html", "recording"), ("vod/vod.js", "script"), ("shared/whip.js", "shared"),
        })
        {
            var path = Path.Combine(_folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        File.WriteAllText(Path.Combine(_folder, "..", Path.GetFileName(_folder) + ".txt"), "outside");
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        File.Delete(_folder + ".txt");
    }

    [Theory]
    [InlineData("/", "home")]
    [InlineData("/publish", "publish")]
    [InlineData("/publish?token=x", "publish")]
    [InlineData("/watch", "home")]
    [InlineData("/watch/live", "watch")]
    [InlineData("/watch/live/", "watch")]
    [InlineData("/watch/watch.js", "script")]
    [InlineData("/operate", "operate")]
    [InlineData("/vod", "recordings")]
    [InlineData("/vod/", "recordings")]
    [InlineData("/vod/0mi9fi4zg1b2c3d4e5f6g7h8", "recording")]
    [InlineData("/vod/0mi9fi4zg1b2c3d4e5f6g7h8/?t=12", "recording")]
    [InlineData("/vod/vod.js", "script")]
    [InlineData("/shared/whip.js", "shared")]
    public async Task Pages_and_their_files_are_served(string path, string content)
    {
        await using var node = await TestNode.StartAsync((WebApplication app) => app.UsePages(_folder));
        var response = await node.SendAsync("GET", path);
        Assert.Equal(content, await response.Content.ReadAsStringAsync());
        Assert.Equal("nosniff", response.Header("X-Content-Type-Options"));
        Assert.Equal("no-cache", response.Header("Cache-Control"));
        Assert.NotEmpty(response.Header("ETag"));
    }

    [Theory]
    [InlineData("/watch/a/b")]
    [InlineData("/nothing.js")]
    [InlineData("/vod/0mi9fi4zg1b2c3d4e5f6g7h")]
    [InlineData("/vod/0MI9FI4ZG1B2C3D4E5F6G7H8")]
    [InlineData("/vod/0mi9fi4zg1b2c3d4e5f6g7h8/index.html")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    public async Task Everything_else_is_not_there(string path)
    {
        await using var node = await TestNode.StartAsync((WebApplication app) => app.UsePages(_folder));
        Assert.Equal(HttpStatusCode.NotFound, (await node.SendAsync("GET", path)).StatusCode);
    }

    [Fact]
    public async Task A_known_version_costs_304()
    {
        await using var node = await TestNode.StartAsync((WebApplication app) => app.UsePages(_folder));
        var tag = (await node.SendAsync("GET", "/publish")).Header("ETag");
        Assert.Equal(HttpStatusCode.NotModified, (await node.SendAsync("GET", "/publish", headers: ("If-None-Match", tag))).StatusCode);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Pages_are_compressed_for_who_can_read_that_and_a_known_version_costs_304_then_too(string encoding)
    {
        await using var node = await TestNode.StartAsync((WebApplication app) => app.UsePages(_folder));
        var plain = await node.SendAsync("GET", "/publish");
        var compressed = await node.SendAsync("GET", "/publish", headers: ("Accept-Encoding", encoding));
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.Equal([encoding], compressed.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", compressed.Header("Vary"), StringComparison.Ordinal);
        var tag = compressed.Header("ETag");
        Assert.NotEqual(plain.Header("ETag"), tag);
        Assert.Equal(HttpStatusCode.NotModified, (await node.SendAsync("GET", "/publish", headers: [("Accept-Encoding", encoding), ("If-None-Match", tag)])).StatusCode);
    }

    [Theory]
    [InlineData("/watch/live", "frame-ancestors 'self'")]
    [InlineData("/watch/live?embed", "frame-ancestors *")]
    [InlineData("/publish?embed", "frame-ancestors 'self'")]
    public async Task Only_an_embedded_player_may_be_framed_by_others(string path, string policy)
    {
        await using var node = await TestNode.StartAsync((WebApplication app) => app.UsePages(_folder));
        var response = await node.SendAsync("GET", path);
        Assert.EndsWith(policy, response.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("camera=(self), microphone=(self), display-capture=(self)", response.Header("Permissions-Policy"));
        Assert.Equal("no-referrer", response.Header("Referrer-Policy"));
    }

    [Theory]
    [InlineData(false, "connect-src 'self';")]
    [InlineData(true, "connect-src 'self' http: https:;")]
    public async Task Pages_connect_to_other_nodes_in_a_cluster_only(bool inCluster, string policy)
    {
        await using var node = await TestNode.StartAsync((WebApplication app) => app.UsePages(_folder, inCluster));
        Assert.Contains(policy, (await node.SendAsync("GET", "/watch/live")).Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scripts_may_be_loaded_by_other_sites()
    {
        await using var node = await TestNode.StartAsync((WebApplication app) => app.UsePages(_folder));
        Assert.Equal("*", (await node.SendAsync("GET", "/shared/whip.js")).Header("Access-Control-Allow-Origin"));
    }
}
