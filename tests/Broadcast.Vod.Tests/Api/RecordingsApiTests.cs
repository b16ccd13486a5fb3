using System.Globalization;
using System.Text.Json;
using Broadcast.Signalling.Auth;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;

namespace Broadcast.Vod.Tests.Api;

public sealed class RecordingsApiTests : IAsyncLifetime
{
    private TestVod _vod = null!;

    public async Task InitializeAsync() => _vod = await TestVod.StartAsync(settings: ("Watch:Streams:secret", "false"));

    public async Task DisposeAsync() => await _vod.DisposeAsync();

    [Theory]
    [InlineData("none", "", 401, 200, 401)]
    [InlineData("publish", "live", 201, 200, 403)]
    [InlineData("publish", "other", 403, 200, 403)]
    [InlineData("watch", "live", 403, 200, 403)]
    [InlineData("operate", "live", 201, 200, 200)]
    [InlineData("operate", "*", 201, 200, 200)]
    [InlineData("operate", "other", 403, 200, 403)]
    public async Task Each_scope_opens_its_own_door(string scope, string stream, int start, int read, int edit)
    {
        var token = TokenScopes.TryParse(scope, out var scopes) ? _vod.Token(scopes, stream) : null;
        Assert.Equal(start, await StatusAsync("POST", "/api/v1/streams/live/recording", token));
        Assert.Equal(start == 201 ? 200 : start, await StatusAsync("DELETE", "/api/v1/streams/live/recording", token));
        var id = await _vod.RecordReadyAsync();
        Assert.Equal(read, await StatusAsync("GET", $"/api/v1/recordings/{id}", token));
        Assert.Equal(read, await StatusAsync("GET", "/api/v1/recordings", token));
        Assert.Equal(edit, await StatusAsync("PATCH", $"/api/v1/recordings/{id}", token, "{\"title\":\"x\"}"));
        Assert.Equal(edit == 200 ? 202 : edit, await StatusAsync("POST", $"/api/v1/recordings/{id}/clips", token, "{\"from\":1,\"to\":2}"));
        Assert.Equal(edit == 200 ? 202 : edit, await StatusAsync("POST", $"/api/v1/recordings/{id}/exports", token, "{\"format\":\"mp4\"}"));
        var job = (await _vod.Catalogue.ListJobsAsync(id, null, 1, default))[0];
        Assert.Equal(edit, await StatusAsync("GET", $"/api/v1/jobs/{job.Id}", token));
        Assert.Equal(edit is 200 ? 409 : edit, await StatusAsync("DELETE", $"/api/v1/jobs/{(await NewUploadAsync(id)).Id}", token));
        Assert.Equal(edit == 200 ? 204 : edit, await StatusAsync("DELETE", $"/api/v1/recordings/{id}", token));
        Assert.Equal(edit == 200 ? 404 : 200, await StatusAsync("GET", $"/api/v1/recordings/{id}", token));
    }

    [Fact]
    public async Task Recordings_are_listed_as_far_as_the_caller_may_watch_or_operate_their_streams()
    {
        var open = await _vod.RecordReadyAsync();
        var secret = await _vod.RecordReadyAsync("secret");
        string both = $"{secret} {open}", one = open.ToString();
        Assert.Equal(one, await IdsAsync("", null));
        Assert.Equal(one, await IdsAsync("", _vod.Token(TokenScope.Watch, "other")));
        Assert.Equal(one, await IdsAsync("", _vod.Token(TokenScope.Publish, "secret")));
        Assert.Equal(both, await IdsAsync("", _vod.Token(TokenScope.Watch, "secret")));
        Assert.Equal(both, await IdsAsync("", _vod.Token(TokenScope.Operate)));
        Assert.Equal(401, await StatusAsync("GET", "/api/v1/recordings?stream=secret", null));
        Assert.Equal(403, await StatusAsync("GET", "/api/v1/recordings?stream=secret", _vod.Token(TokenScope.Watch, "live")));
        Assert.Equal(401, await StatusAsync("GET", $"/api/v1/recordings/{secret}", null));
    }

    /// <summary>Who has started one has its id before the catalogue has heard of it.</summary>
    [Fact]
    public async Task Recording_is_found_as_soon_as_it_has_begun()
    {
        for (var i = 0; i < 20; i++) Assert.Equal(200, await StatusAsync("GET", $"/api/v1/recordings/{_vod.Begin()}", null));
    }

    [Fact]
    public async Task What_a_node_records_that_is_not_in_sight_is_interrupted()
    {
        // As other nodes have written it into the catalogue: "b" is a member, "c" is none.
        var (running, interrupted) = (await FollowedAsync("b"), await FollowedAsync("c"));
        var own = _vod.Begin();
        await _vod.UntilAsync(async () => await _vod.Catalogue.FindAsync(own, default) is not null);
        Assert.Equal("recording", await StateAsync(running));
        Assert.Equal("recording", await StateAsync(own));
        Assert.Equal("interrupted", await StateAsync(interrupted));
        foreach (var path in (string[])[$"/api/v1/recordings/{interrupted}", $"/vod/{interrupted}/index.json"])
        {
            var view = await _vod.JsonAsync(path);
            Assert.Equal("interrupted", view.GetProperty("state").GetString());
            Assert.Contains("away", view.GetProperty("error").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(interrupted.ToString(), await IdsAsync("?state=interrupted", null));
        Assert.Equal(new[] { own, running }.Select(id => id.ToString()).Order(), (await IdsAsync("?state=recording", null)).Split(' ').Order());

        // The row says what its node will find when it is back.
        Assert.Equal(Broadcast.Vod.Catalogue.RecordingState.Recording, (await _vod.Catalogue.FindAsync(interrupted, default))!.State);
    }

    [Fact]
    public async Task What_a_node_recorded_that_is_gone_is_deleted_by_force_and_nothing_else_is()
    {
        var (running, interrupted) = (await FollowedAsync("b"), await FollowedAsync("c"));
        var operate = _vod.Token(TokenScope.Operate);
        foreach (var force in (string[])["", "?force=true"]) Assert.Equal(409, await StatusAsync("DELETE", $"/api/v1/recordings/{running}{force}", operate));
        foreach (var (force, status) in ((string, int)[])[("", 409), ("?force=false", 409), ("?force=true", 204)])
            Assert.Equal(status, await StatusAsync("DELETE", $"/api/v1/recordings/{interrupted}{force}", operate));
        foreach (var path in (string[])[$"/api/v1/recordings/{interrupted}", $"/vod/{interrupted}/index.json"]) Assert.Equal(404, await StatusAsync("GET", path, operate));
        Assert.Equal(running.ToString(), await IdsAsync("", operate));
    }

    private async Task<RecordingId> FollowedAsync(string node)
    {
        var started = new RecordingStarted(RecordingId.New(_vod.Time.GetUtcNow()), "live", _vod.Time.GetUtcNow(), RecordingTrigger.Policy, node);
        await _vod.Catalogue.FollowAsync(Broadcast.Vod.Journal.RecordingHistory.Of([started], started.At)!, default);
        return started.Id;
    }

    private async Task<string?> StateAsync(RecordingId id) =>
        (await _vod.JsonAsync("/api/v1/recordings")).GetProperty("recordings").EnumerateArray()
            .Single(view => view.GetProperty("id").GetString() == id.ToString()).GetProperty("state").GetString();

    [Fact]
    public async Task A_list_is_found_by_stream_state_and_text_and_read_page_by_page()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            _vod.Time.Advance(TimeSpan.FromSeconds(1));
            ids.Add((await _vod.RecordReadyAsync(i % 2 == 0 ? "even" : "odd")).ToString());
        }

        var operate = _vod.Token(TokenScope.Operate);
        await _vod.SendAsync("PATCH", $"/api/v1/recordings/{ids[1]}", operate, "{\"title\":\"Über 100% Äpfel\",\"tags\":[\"Fruit_1\",\"talk\"]}");
        ids.Reverse();
        Assert.Equal(string.Join(' ', ids), await IdsAsync("", null));
        Assert.Equal($"{ids[0]} {ids[2]} {ids[4]}", await IdsAsync("?stream=even", null));
        Assert.Equal("", await IdsAsync("?state=failed", null));
        Assert.Equal(string.Join(' ', ids), await IdsAsync("?state=ready", null));
        foreach (var text in (string[])["über", "ÄPFEL", "100%25", "fruit_1", "Talk"]) Assert.Equal(ids[3], await IdsAsync("?q=" + text, null));
        foreach (var text in (string[])["100%25%25", "fruit%251", "fruit1", "' OR 1=1"]) Assert.Equal("", await IdsAsync("?q=" + text, null));
        Assert.Equal($"{ids[1]} {ids[3]}", await IdsAsync("?q=odd", null));

        var read = new List<string>();
        string? next = null;
        do
        {
            var page = await _vod.JsonAsync("/api/v1/recordings?limit=2" + (next is null ? "" : "&after=" + next));
            read.AddRange(page.GetProperty("recordings").EnumerateArray().Select(recording => recording.GetProperty("id").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);
        Assert.Equal(ids, read);
    }

    [Theory]
    [InlineData("?stream=a.b")]
    [InlineData("?state=deleted")]
    [InlineData("?state=Ready")]
    [InlineData("?limit=0")]
    [InlineData("?limit=201")]
    [InlineData("?limit=x")]
    [InlineData("?after=x")]
    public async Task A_malformed_question_is_400(string query) => Assert.Equal(400, await StatusAsync("GET", "/api/v1/recordings" + query, null));

    [Fact]
    public async Task A_recording_shows_what_is_documented()
    {
        var id = await _vod.RecordReadyAsync();
        var view = await _vod.JsonAsync($"/api/v1/recordings/{id}");
        Assert.Equal(
            $$"""{"id":"{{id}}","stream":"live","title":"","tags":[],"state":"ready","startedAt":"{{view.GetProperty("startedAt").GetString()}}","endedAt":"{{view.GetProperty("endedAt").GetString()}}","duration":20,"bytes":212,"error":null,"node":"a","trigger":"policy","continues":null,"width":640,"height":360,"poster":"/vod/{{id}}/files/poster.jpg","page":"/vod/{{id}}"}""",
            view.GetRawText());
    }

    [Theory]
    [InlineData("{\"title\":\"T\"}", 200, "T", "")]
    [InlineData("{\"tags\":[\" a \",\"b\",\"a\"]}", 200, "", "a b")]
    [InlineData("{\"title\":\" x \",\"tags\":[]}", 200, "x", "")]
    [InlineData("{}", 200, "", "")]
    [InlineData("{\"title\":5}", 400, "", "")]
    [InlineData("{\"title\":\"a\\nb\"}", 400, "", "")]
    [InlineData("{\"tags\":[\"\"]}", 400, "", "")]
    [InlineData("{\"tags\":[null]}", 400, "", "")]
    [InlineData("{\"tags\":\"a\"}", 400, "", "")]
    [InlineData("null", 400, "", "")]
    [InlineData("[", 400, "", "")]
    public async Task Title_and_tags_are_changed_within_their_rules(string json, int status, string title, string tags)
    {
        var id = await _vod.RecordReadyAsync();
        Assert.Equal(status, await StatusAsync("PATCH", $"/api/v1/recordings/{id}", _vod.Token(TokenScope.Operate), json));
        var view = await _vod.JsonAsync($"/api/v1/recordings/{id}");
        Assert.Equal(title, view.GetProperty("title").GetString());
        Assert.Equal(tags, string.Join(' ', view.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString())));
    }

    [Fact]
    public async Task Title_and_tags_have_limits_that_count()
    {
        var id = await _vod.RecordReadyAsync();
        var token = _vod.Token(TokenScope.Operate);
        var path = $"/api/v1/recordings/{id}";
        Assert.Equal(200, await StatusAsync("PATCH", path, token, JsonSerializer.Serialize(new { title = new string('x', 200) })));
        Assert.Equal(400, await StatusAsync("PATCH", path, token, JsonSerializer.Serialize(new { title = new string('x', 201) })));
        Assert.Equal(200, await StatusAsync("PATCH", path, token, JsonSerializer.Serialize(new { tags = Enumerable.Range(0, 20).Select(i => i.ToString(CultureInfo.InvariantCulture).PadLeft(40, 'x')) })));
        Assert.Equal(400, await StatusAsync("PATCH", path, token, JsonSerializer.Serialize(new { tags = Enumerable.Range(0, 21).Select(i => $"{i}") })));
        Assert.Equal(400, await StatusAsync("PATCH", path, token, JsonSerializer.Serialize(new { tags = new[] { new string('x', 41) } })));
        Assert.Equal(413, await StatusAsync("PATCH", path, token, JsonSerializer.Serialize(new { title = new string('x', 20_000) })));
        Assert.Equal(415, (int)(await _vod.SendAsync("PATCH", path, token)).StatusCode);
    }

    [Fact]
    public async Task Recording_starts_once_says_so_and_stops()
    {
        var token = _vod.Token(TokenScope.Publish, "live");
        const string Path = "/api/v1/streams/live/recording";
        Assert.Equal("""{"active":false,"id":null,"startedAt":null,"trigger":null,"node":null}""", (await _vod.JsonAsync(Path)).GetRawText());
        var started = await _vod.SendAsync("POST", Path, token);
        var id = (await TestVod.JsonAsync(started)).GetProperty("id").GetString();
        Assert.Equal((201, $"/api/v1/recordings/{id}"), ((int)started.StatusCode, started.Headers.Location!.ToString()));
        var again = await _vod.SendAsync("POST", Path, token);
        Assert.Equal((200, id), ((int)again.StatusCode, (await TestVod.JsonAsync(again)).GetProperty("id").GetString()));
        var status = await _vod.JsonAsync(Path);
        Assert.Equal((true, id, "request"), (status.GetProperty("active").GetBoolean(), status.GetProperty("id").GetString(), status.GetProperty("trigger").GetString()));
        Assert.NotEmpty(status.GetProperty("node").GetString()!);
        var stopped = await _vod.SendAsync("DELETE", Path, token);
        Assert.Equal((200, id), ((int)stopped.StatusCode, (await TestVod.JsonAsync(stopped)).GetProperty("id").GetString()));
        Assert.Equal(404, await StatusAsync("DELETE", Path, token));
    }

    [Theory]
    [InlineData("off", 409, "urn:broadcast:problem:not-live", "Nobody publishes it.")]
    [InlineData("never", 409, "urn:broadcast:problem:not-recorded", "Its policy says never.")]
    [InlineData("a.b", 400, "urn:broadcast:problem:bad-request", "A stream name has")]
    public async Task A_stream_that_cannot_be_recorded_says_why(string stream, int status, string type, string detail)
    {
        var response = await _vod.SendAsync("POST", $"/api/v1/streams/{stream}/recording", _vod.Token(TokenScope.Operate));
        var problem = await TestVod.JsonAsync(response);
        Assert.Equal((status, type), ((int)response.StatusCode, problem.GetProperty("type").GetString()));
        Assert.StartsWith(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clips", "{\"from\":5,\"to\":5}", 400)]
    [InlineData("clips", "{\"from\":-1,\"to\":5}", 400)]
    [InlineData("clips", "{\"from\":20,\"to\":25}", 400)]
    [InlineData("clips", "{\"from\":1e308,\"to\":1e309}", 400)]
    [InlineData("clips", "{\"to\":5}", 400)]
    [InlineData("clips", "{\"from\":5,\"to\":15}", 422)]
    [InlineData("clips", "{\"from\":5,\"to\":10.2}", 202)]
    [InlineData("clips", "{\"from\":12,\"to\":1e300}", 202)]
    [InlineData("exports", "{\"format\":\"avi\"}", 400)]
    [InlineData("exports", "{\"format\":\"webm\",\"video\":\"h264\"}", 400)]
    [InlineData("exports", "{}", 400)]
    [InlineData("exports", "{\"format\":\"webm\"}", 422)]
    [InlineData("exports", "{\"format\":\"webm\",\"video\":\"vp9\"}", 202)]
    [InlineData("exports", "{\"format\":\"mkv\",\"video\":\"copy\"}", 202)]
    public async Task Clips_and_exports_are_checked_before_work_begins(string what, string json, int status)
    {
        var id = await _vod.RecordReadyAsync(second: TestVod.H264);
        Assert.Equal(status, await StatusAsync("POST", $"/api/v1/recordings/{id}/{what}", _vod.Token(TokenScope.Operate), json));
    }

    [Fact]
    public async Task What_is_being_recorded_cannot_be_cut_or_deleted()
    {
        var id = _vod.Begin();
        await _vod.UntilAsync(async () => await _vod.Catalogue.FindAsync(id, default) is not null);
        var token = _vod.Token(TokenScope.Operate);
        Assert.Equal(409, await StatusAsync("DELETE", $"/api/v1/recordings/{id}", token));
        Assert.Equal(409, await StatusAsync("POST", $"/api/v1/recordings/{id}/clips", token, "{\"from\":0,\"to\":1}"));
    }

    [Fact]
    public async Task Deleting_removes_files_folder_and_entry()
    {
        var id = await _vod.RecordReadyAsync();
        var stored = Path.Combine(_vod.Folder, "recordings", "store", id.ToString());
        Assert.True(File.Exists(Path.Combine(stored, "part-1.webm")));
        Assert.Equal(204, await StatusAsync("DELETE", $"/api/v1/recordings/{id}", _vod.Token(TokenScope.Operate)));
        Assert.False(Directory.Exists(stored));
        Assert.False(Directory.Exists(_vod.Spool.FolderOf(id)));
        foreach (var below in (string[])["index.json", "files/part-1.webm", "segments/1"]) Assert.Equal(404, await StatusAsync("GET", $"/vod/{id}/{below}", null));
        Assert.Equal("", await IdsAsync("", null));
    }

    [Fact]
    public async Task The_openapi_document_describes_every_address()
    {
        var document = await _vod.JsonAsync("/api/v1/openapi.json");
        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Where(path => path.Contains("recording", StringComparison.Ordinal) || path.Contains("job", StringComparison.Ordinal));
        Assert.Equal(
            [
                "/api/v1/jobs", "/api/v1/jobs/{id}", "/api/v1/recordings", "/api/v1/recordings/{id}", "/api/v1/recordings/{id}/clips", "/api/v1/recordings/{id}/exports",
                "/api/v1/streams/{stream}/recording",
            ],
            paths.Order(StringComparer.Ordinal));
        Assert.True(document.GetProperty("components").GetProperty("schemas").TryGetProperty("RecordingView", out _));
    }

    private async Task<Broadcast.Vod.Catalogue.Job> NewUploadAsync(RecordingId id)
    {
        // An upload that waits: it does not become due in this test.
        var recording = (await _vod.Catalogue.FindAsync(id, default))!;
        var job = new Broadcast.Vod.Catalogue.Job(
            RecordingId.New(_vod.Time.GetUtcNow()).ToString(), id, recording.Stream, Broadcast.Vod.Catalogue.JobKind.Upload, Broadcast.Vod.Catalogue.JobState.Queued, "", 0,
            _vod.Time.GetUtcNow(), null, null, 0, _vod.Time.GetUtcNow() + TimeSpan.FromDays(1), null, null, "elsewhere");
        await _vod.Catalogue.SaveJobAsync(job, default);
        return job;
    }

    private async Task<int> StatusAsync(string method, string path, string? token, string? json = null)
    {
        var response = await _vod.SendAsync(method, path, token, json);
        if ((int)response.StatusCode >= 400) Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (int)response.StatusCode;
    }

    private async Task<string> IdsAsync(string query, string? token) => string.Join(
        ' ', (await _vod.JsonAsync("/api/v1/recordings" + query, token)).GetProperty("recordings").EnumerateArray().Select(recording => recording.GetProperty("id").GetString()));
}
