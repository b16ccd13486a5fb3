using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;

namespace Broadcast.Vod.Tests.Retention;

public sealed class RetentionTests
{
    [Fact]
    public async Task What_is_too_old_goes_and_what_is_recorded_or_watched_stays()
    {
        await using var vod = await TestVod.StartAsync(new VodOptions { MaxAge = TimeSpan.FromDays(2) });
        var old = await vod.RecordReadyAsync();
        var watched = await vod.RecordReadyAsync();
        var running = vod.Begin();
        vod.Time.Advance(TimeSpan.FromDays(1));
        var fresh = await vod.RecordReadyAsync();
        var ended = (await vod.Catalogue.FindAsync(watched, default))!.EndedAt!.Value;
        vod.Time.Advance(ended + TimeSpan.FromDays(2) - TimeSpan.FromMinutes(1) - vod.Time.GetUtcNow());
        Assert.Equal(200, (int)(await vod.SendAsync("GET", $"/vod/{watched}/files/part-1.webm")).StatusCode);
        vod.Time.Advance(TimeSpan.FromMinutes(5));
        await vod.TidyAsync();
        Assert.Equal([fresh, running, watched], await IdsAsync(vod));

        vod.Time.Advance(TimeSpan.FromMinutes(11));
        await vod.TidyAsync();
        Assert.Equal([fresh, running], await IdsAsync(vod));
        Assert.False(Directory.Exists(vod.Spool.FolderOf(old)));
        Assert.False(Directory.Exists(Path.Combine(vod.Folder, "recordings", "store", old.ToString())));
    }

    [Theory]
    [InlineData(848, 0, new[] { 0, 1, 2, 3 })]
    [InlineData(847, 0, new[] { 1, 2, 3 })]
    [InlineData(636, 0, new[] { 1, 2, 3 })]
    [InlineData(0, 424, new[] { 0, 2, 3 })]
    [InlineData(0, 423, new[] { 0, 3 })]
    [InlineData(1, 0, new int[0])]
    [InlineData(0, 0, new[] { 0, 1, 2, 3 })]
    public async Task The_oldest_go_when_there_is_too_much(long all, long perStream, int[] left)
    {
        // Each has 212 bytes; the first is of another stream than the others.
        await using var vod = await TestVod.StartAsync(new VodOptions { MaxBytes = all, MaxBytesPerStream = perStream });
        var ids = new List<RecordingId>();
        foreach (var stream in (string[])["other", "live", "live", "live"])
        {
            vod.Time.Advance(TimeSpan.FromSeconds(1));
            ids.Add(await vod.RecordReadyAsync(stream));
        }

        await vod.UntilAsync(() => !ids.Exists(vod.Get<JobQueue>().HasOpen));
        await vod.TidyAsync();
        Assert.Equal(left, ids.Select((id, index) => (id, index)).Where(pair => vod.Catalogue.FindAsync(pair.id, default).Result is not null).Select(pair => pair.index));
    }

    [Fact]
    public async Task What_is_being_cut_stays()
    {
        await using var vod = await TestVod.StartAsync(new VodOptions { MaxBytes = 1 });
        var id = await vod.RecordReadyAsync();
        await vod.UntilAsync(() => !vod.Get<JobQueue>().HasOpen(id));
        var release = new TaskCompletionSource();
        vod.Workshop.Before = _ => release.Task;
        await vod.SendAsync("POST", $"/api/v1/recordings/{id}/clips", vod.Token(Broadcast.Signalling.Auth.TokenScope.Operate), "{\"from\":1,\"to\":5}");
        await vod.UntilAsync(() => vod.Workshop.Clips.Count == 1);
        await vod.TidyAsync();
        Assert.NotNull(await vod.Catalogue.FindAsync(id, default));
        release.SetResult();
        await vod.UntilAsync(() => !vod.Get<JobQueue>().HasOpen(id));
        await vod.TidyAsync();
        Assert.Null(await vod.Catalogue.FindAsync(id, default));
    }

    private static async Task<IEnumerable<RecordingId>> IdsAsync(TestVod vod) => (await vod.Catalogue.ListAsync(new RecordingQuery(), default)).Select(recording => recording.Id);
}
