using System.Text.Json;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Sessions;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Whep;

/// <summary>What a session says of other nodes, and who comes back from one.</summary>
public class ContinuityTests
{
    [Fact]
    public async Task A_session_names_other_nodes_then_and_later_and_the_token_to_go_on_with()
    {
        await using var node = await StartAsync();
        var opened = await PostAsync(node, "");
        string[] expected = ["<https://b.example.net/whep/live>; rel=\"alternate\"", "<https://c.example.net/whep/live>; rel=\"alternate\""];
        Assert.Equal(expected, Links(opened, "alternate"));
        Assert.StartsWith("</whep/live?resume=", Assert.Single(Links(opened, "resume")), StringComparison.Ordinal);

        var later = await node.SendAsync("GET", opened.Header("Location")!);
        Assert.Equal(expected, Links(later, "alternate"));
        Assert.Single(Links(later, "resume"));
        Assert.Empty(Links(later, "ice-server")); // credentials are for whoever opens a session
    }

    [Fact]
    public async Task A_publisher_is_told_of_nodes_and_is_no_viewer()
    {
        await using var node = await StartAsync();
        var opened = await node.SendAsync("POST", "/whip/live", TestNode.Offer, "application/sdp", node.Token(TokenScope.Publish));
        Assert.Equal("<https://b.example.net/whip/live>; rel=\"alternate\"", Links(opened, "alternate")[0]);
        Assert.Empty(Links(opened, "resume"));
    }

    [Fact]
    public async Task Who_comes_back_with_the_token_is_the_same_viewer_and_everybody_else_a_new_one()
    {
        await using var node = await StartAsync();
        var first = await ViewerAsync(node, "");
        Assert.Equal(first, await ViewerAsync(node, "?resume=" + Continuity.TokenOf(first, "live")));
        Assert.NotEqual(first, await ViewerAsync(node, ""));
        Assert.NotEqual(first, await ViewerAsync(node, "?resume=" + Continuity.TokenOf(first, "other")));
        Assert.NotEqual(first, await ViewerAsync(node, "?resume="));
        Assert.NotEqual(first, await ViewerAsync(node, "?resume=" + new string('x', 5000)));
    }

    private static Task<TestNode> StartAsync() => TestNode.StartAsync((IServiceCollection services) =>
        services.AddSingleton<IStreamPlacement>(new Placement()).AddSingleton<IViewerContinuity>(new Continuity()));

    private static Task<HttpResponseMessage> PostAsync(TestNode node, string query) =>
        node.SendAsync("POST", "/whep/live" + query, TestNode.Offer, "application/sdp");

    /// <summary>Watches, and asks the interface who that is.</summary>
    private static async Task<string> ViewerAsync(TestNode node, string query)
    {
        var session = (await PostAsync(node, query)).Header("Location")!.Split('/')[^1];
        var view = await node.SendAsync("GET", "/api/v1/sessions/" + session, token: node.Token(TokenScope.Operate));
        using var json = JsonDocument.Parse(await view.Content.ReadAsStringAsync());
        return json.RootElement.GetProperty("viewerId").GetString()!;
    }

    private static string[] Links(HttpResponseMessage response, string relation) =>
        response.Headers.TryGetValues("Link", out var links) ? [.. links.Where(link => link.Contains($"rel=\"{relation}\"", StringComparison.Ordinal))] : [];

    private sealed class Placement : IStreamPlacement
    {
        public ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation) => new(StreamPlacement.Here);

        public IReadOnlyList<Uri> Alternates(SessionKind kind) => [new("https://b.example.net"), new("https://c.example.net")];
    }

    private sealed class Continuity : IViewerContinuity
    {
        public static string TokenOf(string viewerId, string streamId) => $"{viewerId}.{streamId}";

        public string Issue(string viewerId, string streamId) => TokenOf(viewerId, streamId);

        public string? Redeem(string token, string streamId) => token.Split('.') is [{ Length: > 0 } viewer, var stream] && stream == streamId ? viewer : null;

        public void Opened(string sessionId, string viewerId)
        {
        }
    }
}
