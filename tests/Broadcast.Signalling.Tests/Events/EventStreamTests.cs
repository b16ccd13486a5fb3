using System.Net;
using Broadcast.Media.Sessions;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Tests.Fakes;

namespace Broadcast.Signalling.Tests.Events;

public class EventStreamTests
{
    private const string AllEvents = "[\"active\",\"inactive\",\"layers\",\"viewercount\",\"reconnect\"]";

    [Fact]
    public async Task Post_answers_201_with_the_address_of_an_event_stream()
    {
        await using var node = await TestNode.StartAsync();
        var response = await SubscribeAsync(node, AllEvents);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Matches("^/whep/live/session1/events/[0-9a-f]{16}$", response.Header("Location"));
    }

    [Fact]
    public async Task A_reader_starts_from_what_is_true_now_and_then_gets_what_changes()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.Stream("live", viewers: 3));
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, AllEvents)).Header("Location"));

        Assert.Equal("active {}", await reader.NextAsync());
        Assert.Equal(
            "layers {\"1\":{\"active\":[{\"spatialLayerId\":0,\"bitrate\":2500000,\"width\":1280,\"height\":720,\"fps\":30}],\"inactive\":[],"
            + "\"layers\":[{\"spatialLayerId\":0,\"temporalLayerId\":0,\"bitrate\":2500000,\"width\":1280,\"height\":720,\"fps\":30}]}}",
            await reader.NextAsync());
        Assert.Equal("viewercount {\"viewercount\":3}", await reader.NextAsync());

        node.Media.Raise(StreamEventKind.Inactive, FakeMediaPlane.Stream("live", active: false, viewers: 3));
        Assert.Equal("inactive {}", await reader.NextAsync());
        node.Media.Raise(StreamEventKind.Active, FakeMediaPlane.Stream("live", viewers: 3));
        Assert.Equal("active {}", await reader.NextAsync());
        node.Media.Raise(StreamEventKind.Reconnect, FakeMediaPlane.Stream("live", viewers: 3));
        Assert.Equal("reconnect {}", await reader.NextAsync());
    }

    [Fact]
    public async Task Layers_list_the_best_first_and_each_temporal_layer_by_itself()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.LayeredStream("live", best: false));
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, "[\"layers\"]")).Header("Location"));
        Assert.Equal(
            "layers {\"1\":{\"active\":["
            + "{\"id\":\"l\",\"encodingId\":\"l\",\"simulcastIdx\":0,\"spatialLayerId\":1,\"bitrate\":700000,\"width\":640,\"height\":360,\"fps\":30},"
            + "{\"id\":\"l\",\"encodingId\":\"l\",\"simulcastIdx\":0,\"spatialLayerId\":0,\"bitrate\":200000,\"width\":320,\"height\":180,\"fps\":30}],"
            + "\"inactive\":[{\"id\":\"h\",\"encodingId\":\"h\",\"simulcastIdx\":1,\"spatialLayerId\":0,\"width\":1280,\"height\":720}],"
            + "\"layers\":["
            + "{\"encodingId\":\"l\",\"rid\":\"l\",\"simulcastIdx\":0,\"spatialLayerId\":1,\"temporalLayerId\":1,\"bitrate\":700000,\"width\":640,\"height\":360,\"fps\":30},"
            + "{\"encodingId\":\"l\",\"rid\":\"l\",\"simulcastIdx\":0,\"spatialLayerId\":1,\"temporalLayerId\":0,\"width\":640,\"height\":360},"
            + "{\"encodingId\":\"l\",\"rid\":\"l\",\"simulcastIdx\":0,\"spatialLayerId\":0,\"temporalLayerId\":1,\"bitrate\":200000,\"width\":320,\"height\":180,\"fps\":30},"
            + "{\"encodingId\":\"l\",\"rid\":\"l\",\"simulcastIdx\":0,\"spatialLayerId\":0,\"temporalLayerId\":0,\"width\":320,\"height\":180}]}}",
            await reader.NextAsync());
    }

    [Fact]
    public async Task Sound_alone_has_empty_lists()
    {
        await using var node = await TestNode.StartAsync();
        var stream = FakeMediaPlane.Stream("live");
        node.Media.Set(stream with { Tracks = [stream.Tracks[0]] });
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, "[\"layers\"]")).Header("Location"));
        Assert.Equal("layers {\"1\":{\"active\":[],\"inactive\":[],\"layers\":[]}}", await reader.NextAsync());
    }

    [Fact]
    public async Task A_session_is_told_when_its_own_layer_changes_and_others_are_not()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.LayeredStream("live", best: false));
        using var mine = await ReadAsync(node, (await SubscribeAsync(node, "[\"layers\",\"reconnect\"]")).Header("Location"));
        await node.WatchAsync();
        using var other = await ReadAsync(
            node, (await node.SendAsync("POST", "/whep/live/session2/events", "[\"layers\",\"reconnect\"]", "application/json")).Header("Location"));
        Assert.DoesNotContain("selected", await mine.NextAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("selected", await other.NextAsync(), StringComparison.Ordinal);

        node.Media.Change(node.Media.GetSession("session1")! with
        {
            Layer = new LayerInUse("l", 1, 0, 640, 360, Automatic: true, Paused: false, LayerLimit.Bandwidth),
        });
        Assert.EndsWith(
            "\"selected\":{\"encodingId\":\"l\",\"spatialLayerId\":1,\"temporalLayerId\":0,\"width\":640,\"height\":360,"
            + "\"automatic\":true,\"paused\":false,\"limit\":\"bandwidth\"}}}",
            await mine.NextAsync(),
            StringComparison.Ordinal);

        node.Media.Change(node.Media.GetSession("session1")! with
        {
            Layer = new LayerInUse("", 0, 0, 0, 0, Automatic: false, Paused: true, LayerLimit.Keyframe),
        });
        Assert.EndsWith(
            "\"selected\":{\"spatialLayerId\":0,\"temporalLayerId\":0,\"automatic\":false,\"paused\":true,\"limit\":\"keyframe\"}}}",
            await mine.NextAsync(),
            StringComparison.Ordinal);

        node.Media.Raise(StreamEventKind.Reconnect, FakeMediaPlane.LayeredStream("live"));
        Assert.Equal("reconnect {}", await other.NextAsync());
    }

    [Fact]
    public async Task Layers_are_told_with_the_rates_of_the_last_second()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.Stream("live"));
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, "[\"layers\"]")).Header("Location"));
        Assert.Contains("\"bitrate\":2500000", await reader.NextAsync(), StringComparison.Ordinal);

        var stream = FakeMediaPlane.Stream("live");
        node.Media.Set(stream with { Tracks = [stream.Tracks[0], stream.Tracks[1] with { BitsPerSecond = 1_234_567 }] });
        node.Time.Advance(TimeSpan.FromSeconds(1));
        node.Media.Change(node.Media.GetSession("session1")! with
        {
            Layer = new LayerInUse("", 0, 0, 1280, 720, Automatic: true, Paused: false, LayerLimit.None),
        });
        Assert.Contains("\"bitrate\":1234567", await reader.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_stays_is_not_told_again()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.LayeredStream("live"));
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, "[\"layers\",\"reconnect\"]")).Header("Location"));
        Assert.NotNull(await reader.NextAsync());
        var layer = new LayerInUse("h", 0, 0, 1280, 720, Automatic: true, Paused: false, LayerLimit.None);
        node.Media.Change(node.Media.GetSession("session1")! with { Layer = layer });
        Assert.Contains("selected", await reader.NextAsync(), StringComparison.Ordinal);
        node.Media.Change(node.Media.GetSession("session1")! with { Layer = layer with { }, EstimatedBitsPerSecond = 9 });
        node.Media.Raise(StreamEventKind.Reconnect, FakeMediaPlane.LayeredStream("live"));
        Assert.Equal("reconnect {}", await reader.NextAsync());
    }

    [Fact]
    public async Task A_stream_that_is_not_live_does_not_begin_with_inactive()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.Stream("live", active: false, viewers: 1));
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, AllEvents)).Header("Location"));
        Assert.Equal("viewercount {\"viewercount\":1}", await reader.NextAsync());
    }

    [Fact]
    public async Task Only_events_that_were_asked_for_are_sent()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.Stream("live"));
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, "[\"reconnect\"]")).Header("Location"));
        node.Media.Raise(StreamEventKind.Inactive, FakeMediaPlane.Stream("live", active: false));
        node.Media.Raise(StreamEventKind.Reconnect, FakeMediaPlane.Stream("live", active: false));
        Assert.Equal("reconnect {}", await reader.NextAsync());
    }

    [Fact]
    public async Task An_empty_body_asks_for_all_events()
    {
        await using var node = await TestNode.StartAsync();
        node.Media.Set(FakeMediaPlane.Stream("live"));
        await node.WatchAsync();
        var location = (await node.SendAsync("POST", "/whep/live/session1/events")).Header("Location");
        using var reader = await ReadAsync(node, location);
        Assert.Equal("active {}", await reader.NextAsync());
    }

    [Fact]
    public async Task Joins_are_told_at_most_once_a_second_and_the_last_number_arrives()
    {
        await using var node = await TestNode.StartAsync();
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, "[\"viewercount\"]")).Header("Location"));
        node.Media.Raise(StreamEventKind.ViewerCount, FakeMediaPlane.Stream("live", viewers: 1));
        Assert.Equal("viewercount {\"viewercount\":1}", await reader.NextAsync());
        for (var viewers = 2; viewers <= 500; viewers++)
            node.Media.Raise(StreamEventKind.ViewerCount, FakeMediaPlane.Stream("live", viewers: viewers));
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("viewercount {\"viewercount\":500}", await reader.NextAsync());
    }

    [Fact]
    public async Task A_quiet_stream_sends_comments()
    {
        await using var node = await TestNode.StartAsync();
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, "[\"reconnect\"]")).Header("Location"));
        node.Time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(": keep-alive", await reader.NextLineAsync());
    }

    [Theory]
    [InlineData("[\"active\",\"scte35\"]")]
    [InlineData("[\"Active\"]")]
    [InlineData("[1]")]
    [InlineData("{\"active\":true}")]
    [InlineData("[\"active\"")]
    [InlineData("[\"active\"] x")]
    [InlineData("\"active\"")]
    [InlineData("[[\"active\"]]")]
    [InlineData("[\"\\ud800\"]")]
    public async Task Anything_but_an_array_of_known_names_answers_400(string body)
    {
        await using var node = await TestNode.StartAsync();
        await (await SubscribeAsync(node, body)).AssertProblemAsync(400);
    }

    [Fact]
    public async Task Names_of_another_type_answer_415()
    {
        await using var node = await TestNode.StartAsync();
        await node.WatchAsync();
        await (await node.SendAsync("POST", "/whep/live/session1/events", AllEvents, "text/plain")).AssertProblemAsync(415);
    }

    [Fact]
    public async Task Delete_ends_the_stream_and_its_reader()
    {
        await using var node = await TestNode.StartAsync();
        var location = (await SubscribeAsync(node, AllEvents)).Header("Location");
        using var reader = await ReadAsync(node, location);
        Assert.Equal(HttpStatusCode.OK, (await node.SendAsync("DELETE", location)).StatusCode);
        Assert.Null(await reader.NextAsync());
        await (await node.SendAsync("GET", location)).AssertProblemAsync(404);
        await (await node.SendAsync("DELETE", location)).AssertProblemAsync(404);
    }

    [Fact]
    public async Task The_end_of_the_session_ends_its_streams()
    {
        await using var node = await TestNode.StartAsync();
        using var reader = await ReadAsync(node, (await SubscribeAsync(node, AllEvents)).Header("Location"));
        node.Media.Close("session1");
        Assert.Null(await reader.NextAsync());
    }

    [Fact]
    public async Task A_second_reader_takes_over_from_the_first()
    {
        await using var node = await TestNode.StartAsync();
        var location = (await SubscribeAsync(node, AllEvents)).Header("Location");
        using var first = await ReadAsync(node, location);
        using var second = await ReadAsync(node, location);
        Assert.Null(await first.NextAsync());
        node.Media.Raise(StreamEventKind.Reconnect, FakeMediaPlane.Stream("live"));
        Assert.Equal("reconnect {}", await second.NextAsync());
    }

    [Fact]
    public async Task A_session_holds_four_streams_and_the_oldest_goes()
    {
        await using var node = await TestNode.StartAsync();
        var first = (await SubscribeAsync(node, AllEvents)).Header("Location");
        for (var more = 0; more < 4; more++)
            Assert.Equal(HttpStatusCode.Created, (await node.SendAsync("POST", "/whep/live/session1/events", AllEvents, "application/json")).StatusCode);
        await (await node.SendAsync("GET", first)).AssertProblemAsync(404);
    }

    [Fact]
    public async Task On_a_private_stream_only_reading_takes_the_token_from_the_query()
    {
        await using var node = await TestNode.StartAsync(("Watch:Public", "false"));
        var token = node.Token(TokenScope.Watch);
        await node.WatchAsync(token: token);
        var location = (await node.SendAsync("POST", "/whep/live/session1/events", AllEvents, "application/json", token)).Header("Location");
        await (await node.SendAsync("GET", location)).AssertProblemAsync(401);
        using var reader = await ReadAsync(node, $"{location}?token={token}");
        await (await node.SendAsync("DELETE", $"{location}?token={token}")).AssertProblemAsync(401);
    }

    private static async Task<HttpResponseMessage> SubscribeAsync(TestNode node, string events)
    {
        await node.WatchAsync();
        return await node.SendAsync("POST", "/whep/live/session1/events", events, "application/json");
    }

    private static async Task<EventReader> ReadAsync(TestNode node, string location)
    {
        var response = await node.SendAsync("GET", location);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Header("Content-Type"));
        Assert.Equal("no-store", response.Header("Cache-Control"));
        var reader = new EventReader(response);
        Assert.Equal("retry: 1000", await reader.NextLineAsync());
        return reader;
    }

    private sealed class EventReader(HttpResponseMessage response) : IDisposable
    {
        private readonly StreamReader _lines = new(response.Content.ReadAsStream());

        /// <summary>The next event as "name data"; null at the end.</summary>
        public async Task<string?> NextAsync()
        {
            if (await NextLineAsync() is not { } name)
                return null;
            var data = await NextLineAsync();
            Assert.StartsWith("event: ", name, StringComparison.Ordinal);
            Assert.StartsWith("data: ", data, StringComparison.Ordinal);
            return $"{name["event: ".Length..]} {data!["data: ".Length..]}";
        }

        public async Task<string?> NextLineAsync()
        {
            while (true)
            {
                var line = await _lines.ReadLineAsync();
                if (line is not "")
                    return line;
            }
        }

        public void Dispose()
        {
            _lines.Dispose();
            response.Dispose();
        }
    }
}
