using System.Net;
using System.Net.Http.Headers;
using Broadcast.Signalling.Auth;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Xunit.Abstractions;

namespace Broadcast.Vod.Tests.Playback;

public sealed class PlaybackTests(ITestOutputHelper output) : IAsyncLifetime
{
    private TestVod _vod = null!;

    public async Task InitializeAsync() => _vod = await TestVod.StartAsync(settings: ("Watch:Streams:secret", "false"));

    public async Task DisposeAsync() => await _vod.DisposeAsync();

    [Theory]
    [InlineData(null, 200, 0, 200)]
    [InlineData("bytes=0-", 206, 0, 200)]
    [InlineData("bytes=0-0", 206, 0, 1)]
    [InlineData("bytes=10-19", 206, 10, 10)]
    [InlineData("bytes=199-", 206, 199, 1)]
    [InlineData("bytes=190-999", 206, 190, 10)]
    [InlineData("bytes=-5", 206, 195, 5)]
    [InlineData("bytes=-999", 206, 0, 200)]
    [InlineData("bytes=0-0,5-6", 200, 0, 200)]
    [InlineData("pages=1-2", 200, 0, 200)]
    [InlineData("bytes=5-2", 200, 0, 200)]
    [InlineData("bytes=x", 200, 0, 200)]
    public async Task A_file_is_sent_in_whole_or_in_part(string? range, int status, int offset, int length)
    {
        var id = await _vod.RecordReadyAsync();
        var response = await GetAsync(id, "files/part-1.webm", range);
        Assert.Equal(status, (int)response.StatusCode);
        byte[] whole = [.. TestVod.Bytes(1, 100), .. TestVod.Bytes(2, 100)];
        Assert.Equal(whole.AsSpan(offset, length).ToArray(), await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(status == 206 ? $"bytes {offset}-{offset + length - 1}/200" : null, response.Content.Headers.ContentRange?.ToString());
        Assert.Equal("bytes", response.Headers.AcceptRanges.Single());
        Assert.Equal("video/webm; codecs=\"vp8, opus\"", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("public, max-age=31536000, immutable", Header(response, "Cache-Control"));
    }

    [Theory]
    [InlineData("bytes=200-")]
    [InlineData("bytes=200-300")]
    [InlineData("bytes=99999999999-")]
    [InlineData("bytes=-0")]
    public async Task A_range_beyond_the_end_is_416(string range)
    {
        var id = await _vod.RecordReadyAsync();
        var response = await GetAsync(id, "files/part-1.webm", range);
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal("bytes */200", response.Content.Headers.ContentRange!.ToString());
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Head_says_what_get_would_and_sends_nothing()
    {
        var id = await _vod.RecordReadyAsync();
        var response = await _vod.SendAsync("HEAD", $"/vod/{id}/files/part-1.webm", headers: ("Range", "bytes=0-9"));
        Assert.Equal((200, 200L), ((int)response.StatusCode, response.Content.Headers.ContentLength));
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_tag_saves_the_body_and_guards_a_range()
    {
        var id = await _vod.RecordReadyAsync();
        var path = $"/vod/{id}/files/part-1.webm";
        var tag = (await _vod.SendAsync("GET", path)).Headers.ETag!.ToString();
        Assert.DoesNotContain("W/", tag, StringComparison.Ordinal);
        Assert.Equal(304, (int)(await _vod.SendAsync("GET", path, headers: ("If-None-Match", tag))).StatusCode);
        Assert.Equal(304, (int)(await _vod.SendAsync("GET", path, headers: ("If-None-Match", "*"))).StatusCode);
        Assert.Equal(200, (int)(await _vod.SendAsync("GET", path, headers: ("If-None-Match", "\"other\""))).StatusCode);
        Assert.Equal(206, (int)(await _vod.SendAsync("GET", path, headers: [("Range", "bytes=0-1"), ("If-Range", tag)])).StatusCode);
        Assert.Equal(200, (int)(await _vod.SendAsync("GET", path, headers: [("Range", "bytes=0-1"), ("If-Range", "\"other\"")])).StatusCode);
        Assert.Equal(200, (int)(await _vod.SendAsync("GET", path, headers: [("Range", "bytes=0-1"), ("If-Range", "Wed, 21 Oct 2015 07:28:00 GMT")])).StatusCode);
    }

    [Theory]
    [InlineData("files/..%2fjournal.jsonl")]
    [InlineData("files/%2e%2e")]
    [InlineData("files/../../../../etc/passwd")]
    [InlineData("files/..%5cjournal.jsonl")]
    [InlineData("files/journal.jsonl")]
    [InlineData("files/000001.webm")]
    [InlineData("files/PART-1.WEBM")]
    [InlineData("files/part-1.webm%2fx")]
    [InlineData("files/")]
    [InlineData("segments/0")]
    [InlineData("segments/3")]
    [InlineData("segments/-1")]
    [InlineData("segments/+1")]
    [InlineData("segments/99999999999")]
    [InlineData("segments/1.webm")]
    [InlineData("")]
    public async Task Nothing_else_is_there(string below)
    {
        var id = await _vod.RecordReadyAsync();
        var response = await _vod.SendAsync("GET", $"/vod/{id}/{below}");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("0mi9fi4zg1b2c3d4e5f6g7h8")]
    [InlineData("..")]
    [InlineData("%2e%2e%2f%2e%2e")]
    [InlineData("0MI9FI4ZG1B2C3D4E5F6G7H8")]
    [InlineData("x")]
    public async Task An_id_that_is_none_is_404(string id)
    {
        foreach (var below in (string[])["index.json", "files/part-1.webm", "segments/1"])
            Assert.Equal(HttpStatusCode.NotFound, (await _vod.SendAsync("GET", $"/vod/{id}/{below}")).StatusCode);
    }

    [Fact]
    public async Task A_download_is_called_by_title_and_date()
    {
        var id = await _vod.RecordReadyAsync();
        await _vod.SendAsync("PATCH", $"/api/v1/recordings/{id}", _vod.Token(TokenScope.Operate), "{\"title\":\"A/\\\"talk\\\" über\"}");
        var response = await _vod.SendAsync("GET", $"/vod/{id}/files/part-1.webm?download");
        var disposition = response.Content.Headers.ContentDisposition!;
        Assert.Equal("attachment", disposition.DispositionType);
        Assert.Equal("A__talk_ über 2026-03-01.webm", disposition.FileNameStar);
    }

    [Theory]
    [InlineData("none", "", 401)]
    [InlineData("watch", "secret", 200)]
    [InlineData("watch", "*", 200)]
    [InlineData("operate", "secret", 200)]
    [InlineData("watch", "other", 403)]
    [InlineData("publish", "secret", 403)]
    public async Task A_private_recording_needs_a_token_in_the_header_or_the_query(string scope, string stream, int status)
    {
        var id = await _vod.RecordReadyAsync("secret");
        var running = _vod.Begin("secret");
        _vod.Open(running, 1, 0, 5);
        _vod.Close(running, 1, 5);
        var token = TokenScopes.TryParse(scope, out var scopes) ? _vod.Token(scopes, stream) : null;
        foreach (var path in (string[])[$"/vod/{id}/index.json", $"/vod/{id}/files/part-1.webm", $"/vod/{id}/files/poster.jpg", $"/vod/{running}/index.json", $"/vod/{running}/segments/1"])
        {
            var response = await _vod.SendAsync("GET", path, token);
            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(status, (int)(await _vod.SendAsync("GET", path + "?token=" + token)).StatusCode);
            if (status == 200) Assert.DoesNotContain("public", Header(response, "Cache-Control"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_index_of_a_ready_recording_is_as_documented()
    {
        var id = await _vod.RecordReadyAsync();
        var index = await _vod.JsonAsync($"/vod/{id}/index.json");
        Assert.Equal(
            $$$"""
            {"id":"{{{id}}}","stream":"live","title":"","tags":[],"state":"ready","startedAt":"{{{index.GetProperty("startedAt").GetString()}}}","endedAt":"{{{index.GetProperty("endedAt").GetString()}}}","duration":20,"error":null,
            "files":[{"name":"part-1.webm","url":"/vod/{{{id}}}/files/part-1.webm","type":"video/webm; codecs=\u0022vp8, opus\u0022","start":0,"duration":20,"bytes":200,"width":640,"height":360}],
            "segments":[],"gaps":[],"chapters":[],
            "previews":[{"file":"part-1.webm","start":0,"duration":20,"poster":"/vod/{{{id}}}/files/poster.jpg","sprites":["/vod/{{{id}}}/files/sprite-1.jpg"],"interval":5,"tileWidth":160,"tileHeight":90,"columns":10,"rows":10,"tiles":12}],
            "clips":[]}
            """.Replace("\n", "", StringComparison.Ordinal),
            index.GetRawText());
    }

    [Fact]
    public async Task Who_has_read_the_index_of_an_hour_reads_only_what_is_new()
    {
        const int Segments = 6;
        const int SecondsOfSegment = 600;
        var id = _vod.Begin();
        for (var number = 1; number <= Segments; number++)
        {
            _vod.Open(id, number, (number - 1) * SecondsOfSegment, 1);
            for (var at = 1; at <= SecondsOfSegment * 2; at++) _vod.Ledger.Append(new SegmentGrown(id, number, TimeSpan.FromSeconds(at / 2.0), at * 150_000L));
            if (number < Segments) _vod.Close(id, number, SecondsOfSegment);
        }

        // :: Step 1: all of it, once
        var whole = await (await _vod.SendAsync("GET", $"/vod/{id}/index.json")).Content.ReadAsStringAsync();
        var last = System.Text.Json.JsonDocument.Parse(whole).RootElement.GetProperty("segments")[Segments - 1].GetProperty("bytes").GetInt64();
        Assert.Equal(SecondsOfSegment * 2 * 150_000L, last);

        // :: Step 2: half a second more, and the beginning of the next segment
        _vod.Ledger.Append(new SegmentGrown(id, Segments, TimeSpan.FromSeconds(600.5), last + 1_000));
        var more = await (await _vod.SendAsync("GET", $"/vod/{id}/index.json?since={Segments},{last}")).Content.ReadAsStringAsync();
        var segment = Assert.Single(System.Text.Json.JsonDocument.Parse(more).RootElement.GetProperty("segments").EnumerateArray());
        Assert.Equal($"[[600.5,{last + 1_000}]]", segment.GetProperty("boundaries").GetRawText());
        output.WriteLine($"the whole index has {whole.Length} bytes, what is new {more.Length}");
        Assert.InRange(more.Length, 1, 1_000);
        Assert.True(whole.Length > 20 * more.Length, $"{whole.Length} and {more.Length} bytes");

        _vod.Close(id, Segments, 601);
        _vod.Open(id, Segments + 1, 3_601, 1);
        var closed = await _vod.JsonAsync($"/vod/{id}/index.json?since={Segments},{last + 1_000}");
        Assert.Equal([true, false], closed.GetProperty("segments").EnumerateArray().Select(each => each.GetProperty("complete").GetBoolean()));

        foreach (var wrong in (string[])["x", "1", "1,x", "-1,0", "1,2,3", ""])
            Assert.Equal(400, (int)(await _vod.SendAsync("GET", $"/vod/{id}/index.json?since={wrong}")).StatusCode);
    }

    [Fact]
    public async Task A_recording_can_be_played_while_it_grows_up_to_its_last_boundary()
    {
        var id = _vod.Begin();
        _vod.Open(id, 1, 0, 10);
        _vod.Close(id, 1, 10);
        _vod.Open(id, 2, 10.5, 10);
        _vod.Ledger.Append(new GapDeclared(id, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(0.5), MissingMedia.Video, GapReason.PublisherAway));

        // Nothing of the open one is whole yet.
        Assert.Equal(416, (int)(await GetAsync(id, "segments/2", "bytes=0-")).StatusCode);
        Assert.Empty(await (await GetAsync(id, "segments/2", null)).Content.ReadAsByteArrayAsync());

        _vod.Ledger.Append(new SegmentGrown(id, 2, TimeSpan.FromSeconds(2), 20));
        _vod.Ledger.Append(new SegmentGrown(id, 2, TimeSpan.FromSeconds(4.5), 45));
        var index = await _vod.JsonAsync($"/vod/{id}/index.json");
        Assert.Equal("recording", index.GetProperty("state").GetString());
        Assert.Equal(15, index.GetProperty("duration").GetDouble());
        Assert.Equal(
            [
                $$"""{"number":1,"url":"/vod/{{id}}/segments/1","type":"video/webm; codecs=\u0022vp8, opus\u0022","start":0,"duration":10,"bytes":100,"width":640,"height":360,"complete":true,"boundaries":[]}""",
                $$"""{"number":2,"url":"/vod/{{id}}/segments/2","type":"video/webm; codecs=\u0022vp8, opus\u0022","start":10.5,"duration":4.5,"bytes":45,"width":640,"height":360,"complete":false,"boundaries":[[2,20],[4.5,45]]}""",
            ],
            index.GetProperty("segments").EnumerateArray().Select(segment => segment.GetRawText()));
        Assert.Equal("""[{"at":10,"duration":0.5,"missing":["video"],"reason":"publisherAway"}]""", index.GetProperty("gaps").GetRawText());
        Assert.Equal("""[{"at":0,"name":"Start"},{"at":10.5,"name":"The publisher is back"}]""", index.GetProperty("chapters").GetRawText());

        var open = await GetAsync(id, "segments/2", "bytes=20-");
        Assert.Equal(206, (int)open.StatusCode);
        Assert.Equal(TestVod.Bytes(2, 100)[20..45], await open.Content.ReadAsByteArrayAsync());
        Assert.Equal("no-store", Header(open, "Cache-Control"));
        Assert.Null(open.Headers.ETag);
        Assert.Equal(416, (int)(await GetAsync(id, "segments/2", "bytes=45-")).StatusCode);

        var closed = await GetAsync(id, "segments/1", "bytes=90-");
        Assert.Equal(TestVod.Bytes(1, 100)[90..], await closed.Content.ReadAsByteArrayAsync());
        Assert.NotNull(closed.Headers.ETag);
    }

    private Task<HttpResponseMessage> GetAsync(RecordingId id, string below, string? range) =>
        _vod.SendAsync("GET", $"/vod/{id}/{below}", headers: range is null ? [] : [("Range", range)]);

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(",", values) : "";
}
