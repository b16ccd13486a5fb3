using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Sessions;
using Broadcast.Signalling.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Signalling.Tests.Whep;

/// <summary>A viewer says with its offer which quality it wants, so that it holds from the first packet on.</summary>
public class OpeningTests
{
    [Fact]
    public async Task Every_wish_reaches_the_media_plane_with_the_offer()
    {
        await using var node = await TestNode.StartAsync();
        var response = await PostAsync(
            node, "?encodingId=h-_9&spatialLayerId=2&temporalLayerId=0&maxSpatialLayerId=1&maxTemporalLayerId=3&maxWidth=1280&maxHeight=720&maxBitrate=2500000");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(
            new LayerChoice
            {
                Rid = "h-_9",
                SpatialId = 2,
                TemporalId = 0,
                MaxSpatialId = 1,
                MaxTemporalId = 3,
                MaxWidth = 1280,
                MaxHeight = 720,
                MaxBitsPerSecond = 2_500_000,
            },
            node.Media.FirstChoice);
        Assert.Null(node.Media.LastChoice);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("?colour=red&colour=blue&MaxWidths=1")]
    public async Task A_query_without_a_known_wish_is_automatic(string query)
    {
        await using var node = await TestNode.StartAsync();
        Assert.Equal(HttpStatusCode.Created, (await PostAsync(node, query)).StatusCode);
        Assert.True(node.Media.FirstChoice?.IsAutomatic);
    }

    [Theory]
    [InlineData("maxWidth=", "maxWidth")]
    [InlineData("maxWidth", "maxWidth")]
    [InlineData("maxWidth=0", "maxWidth")]
    [InlineData("maxHeight=65536", "maxHeight")]
    [InlineData("maxHeight=-1", "maxHeight")]
    [InlineData("maxHeight=%2B1", "maxHeight")]
    [InlineData("maxHeight=%201", "maxHeight")]
    [InlineData("maxHeight=1.5", "maxHeight")]
    [InlineData("maxHeight=0x10", "maxHeight")]
    [InlineData("maxHeight=360p", "maxHeight")]
    [InlineData("maxHeight=99999999999999999999", "maxHeight")]
    [InlineData("maxWidth=320&maxWidth=640", "maxWidth")]
    [InlineData("maxBitrate=10000000001", "maxBitrate")]
    [InlineData("spatialLayerId=256", "spatialLayerId")]
    [InlineData("temporalLayerId=", "temporalLayerId")]
    [InlineData("rid=", "rid")]
    [InlineData("rid=seventeen-letters", "rid")]
    [InlineData("rid=%C3%A4", "rid")]
    [InlineData("rid=h&rid=h", "rid")]
    [InlineData("rid=a&encodingId=b", "encodingId")]
    public async Task A_malformed_wish_answers_400_names_the_parameter_and_makes_no_session(string query, string name)
    {
        await using var node = await TestNode.StartAsync();
        Assert.Contains($"\"{name}\"", await (await PostAsync(node, "?" + query)).AssertProblemAsync(400), StringComparison.Ordinal);
        Assert.Null(node.Media.LastOffer);
    }

    [Fact]
    public async Task A_layer_that_does_not_exist_answers_422_and_what_does()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.LayeredStream("live"));
        node.Media.Refusal = new SessionResult.Refused(SessionRefusal.UnknownLayer, "There is no such layer now.");
        var detail = await (await PostAsync(node, "?rid=x")).AssertProblemAsync(422);
        Assert.StartsWith("There is no such layer now. There are: encodingId \"l\", spatialLayerId 0", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_watch_learns_nothing_of_what_is_wrong_with_the_query()
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        await (await PostAsync(node, "?maxWidth=0")).AssertProblemAsync(401);
    }

    [Fact]
    public async Task Another_node_is_told_the_same()
    {
        await using var node = await TestNode.StartAsync((IServiceCollection services) => services.AddSingleton<IStreamPlacement>(new AlwaysElsewhere()));
        var response = await PostAsync(node, "?maxWidth=320");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal("https://b.example.net/whep/live?maxWidth=320&redirected=1", response.Header("Location"));
    }

    private static Task<HttpResponseMessage> PostAsync(TestNode node, string query) =>
        node.SendAsync("POST", "/whep/live" + query, TestNode.Offer, "application/sdp");

    private sealed class AlwaysElsewhere : IStreamPlacement
    {
        public ValueTask<StreamPlacement> PlaceAsync(SessionKind kind, string streamId, bool redirected, CancellationToken cancellation) =>
            new(new StreamPlacement.Elsewhere(new Uri("https://b.example.net")));
    }
}
