using System.Net;
using Broadcast.Signalling.Auth;
using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;
using Broadcast.Vod.Tests.Fakes;
using Broadcast.Vod.Tests.Stores;

namespace Broadcast.Vod.Tests.Interop;

/// <summary>The S3 store and a server by others.</summary>
public sealed class S3rverTests(S3rverServer server) : StoreTests, IClassFixture<S3rverServer>
{
    private readonly byte[] _large = TestVod.Bytes(3, (2 * S3rverServer.PartSize) + 1_234);
    private readonly S3Store _store = server.Open();

    private protected override IVodStore Store => _store;

    [Fact]
    public async Task A_large_file_goes_in_parts_and_is_read_across_them()
    {
        await PutLargeAsync(_store, _ => { });
        await CheckLargeAsync();
    }

    [Fact]
    public async Task An_upload_that_was_cut_short_is_not_seen_and_comes_to_its_end_by_another_process()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => PutLargeAsync(_store, _ => throw new InvalidOperationException("The process ends.")));
        Assert.Null(await _store.FindAsync(Key, default));
        Assert.True(System.IO.File.Exists(File + ".upload"));
        using var other = server.Open();
        await PutLargeAsync(other, _ => { });
        await CheckLargeAsync();
        Assert.False(System.IO.File.Exists(File + ".upload"));
    }

    [Fact]
    public async Task A_server_that_dies_within_an_upload_gets_it_when_it_is_back()
    {
        await Assert.ThrowsAsync<StoreUnavailableException>(() => PutLargeAsync(_store, _ => server.KillAsync().Wait()));
        await server.StartAsync();
        Assert.Null(await _store.FindAsync(Key, default));
        await PutLargeAsync(_store, _ => { });
        await CheckLargeAsync();
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_know_is_said_to_be_refused()
    {
        using var stranger = server.Open(secret: "another");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => PutLargeAsync(stranger, _ => { }));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => stranger.OpenAsync(Key, 0, 1, default));
    }

    [Fact]
    public async Task A_recording_is_stored_played_from_there_and_deleted()
    {
        var folder = TestVod.NewFolder();
        var secret = Path.Combine(folder, "secret");
        await System.IO.File.WriteAllTextAsync(secret, S3rverServer.Key + "\n");
        var options = new VodOptions { Store = $"s3://{S3rverServer.Bucket}/vod", S3Endpoint = server.Url, S3AccessKey = S3rverServer.Key, S3SecretKeyFile = secret };
        await using var vod = await TestVod.StartAsync(options, folder: folder);

        // :: Step 1: nothing of it is left but in the bucket
        var id = await vod.RecordReadyAsync();
        vod.Time.Advance(TimeSpan.FromMinutes(5));
        await vod.TidyUntilAsync(() => !Directory.Exists(vod.Spool.FinishedFolderOf(id)));
        Assert.Contains($"vod/{id}/part-1.webm", server.Objects);

        // :: Step 2: played from there, as players ask
        var listed = await vod.JsonAsync($"/vod/{id}/index.json");
        var file = listed.GetProperty("files")[0].GetProperty("url").GetString()!;
        byte[] whole = [.. TestVod.Bytes(1, 100), .. TestVod.Bytes(2, 100)];
        Assert.Equal(whole, await vod.Client.GetByteArrayAsync(file));
        foreach (var (range, from, to) in ((string, int, int)[])[("bytes=0-", 0, 200), ("bytes=150-159", 150, 160), ("bytes=-5", 195, 200)])
        {
            var part = await vod.SendAsync("GET", file, headers: ("Range", range));
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal($"bytes {from}-{to - 1}/200", part.Content.Headers.ContentRange!.ToString());
            Assert.Equal("video/webm", part.Content.Headers.ContentType!.MediaType);
            Assert.Equal(whole[from..to], await part.Content.ReadAsByteArrayAsync());
        }

        // :: Step 3: and deleted there
        Assert.Equal(HttpStatusCode.NoContent, (await vod.SendAsync("DELETE", $"/api/v1/recordings/{id}", vod.Token(TokenScope.Operate))).StatusCode);
        await vod.TidyUntilAsync(() => !server.Objects.Any(key => key.Contains(id.ToString(), StringComparison.Ordinal)));
        Assert.Empty(await vod.Catalogue.ListAsync(new RecordingQuery(State: RecordingState.Deleted), default));
    }

    protected override void Dispose(bool disposing)
    {
        _store.DeleteAsync(Key, default).Wait();
        _store.Dispose();
        base.Dispose(disposing);
    }

    private async Task PutLargeAsync(S3Store store, Action<long> progress)
    {
        await System.IO.File.WriteAllBytesAsync(File, _large);
        await store.PutAsync(Key, File, "video/webm", new DirectProgress<long>(progress), default);
    }

    private async Task CheckLargeAsync()
    {
        Assert.Equal(_large.Length, await _store.FindAsync(Key, default));
        foreach (var (offset, length) in ((int, int)[])[(0, _large.Length), (S3rverServer.PartSize - 10, 20), (_large.Length - 1, 1)])
        {
            await using var part = await _store.OpenAsync(Key, offset, length, default);
            using var read = new MemoryStream();
            await part!.CopyToAsync(read);
            Assert.True(_large.AsSpan(offset, length).SequenceEqual(read.ToArray()), $"{length} bytes from {offset} on");
        }
    }
}
