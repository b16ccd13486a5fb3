using Broadcast.Vod.Catalogue;
using Broadcast.Vod.Hooks;
using Broadcast.Vod.Journal;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace Broadcast.Vod.Tests.Journal;

/// <summary>A recording that is made beside another node's is there for nobody, until it takes the other's place.</summary>
public class StandbyRecordingsTests
{
    private static readonly RecordingId Other = RecordingId.New(DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task It_is_neither_listed_nor_told_and_is_deleted_without_a_trace()
    {
        var hooks = new HeardNews();
        await using var vod = await TestVod.StartAsync(services: services => services.AddSingleton<IRecordingHooks>(hooks));
        var standbys = vod.Get<IStandbyRecordings>();
        var hidden = Beside(vod, isOver: false);
        standbys.Discard(hidden);
        Assert.True(Directory.Exists(vod.Spool.FolderOf(hidden)), "It is being written.");
        vod.End(hidden, 10);

        // What comes later is followed later.
        var seen = await vod.RecordReadyAsync();
        Assert.Equal([seen], (await vod.Catalogue.ListAsync(new RecordingQuery(), default)).Select(recording => recording.Id));
        Assert.DoesNotContain(hooks.Names, name => name.Id == hidden.ToString());
        var about = Assert.Single(standbys.All);
        Assert.Equal((hidden, Other, "b", false), (about.Id, about.Of, about.OfNode, about.IsPromoted));

        standbys.Discard(hidden);
        Assert.False(Directory.Exists(vod.Spool.FolderOf(hidden)));
        Assert.Empty(standbys.All);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Promoted_it_is_a_recording_like_any_other_also_after_a_restart(bool isOver)
    {
        var hooks = new HeardNews();
        await using var vod = await TestVod.StartAsync(services: services => services.AddSingleton<IRecordingHooks>(hooks));
        var id = Beside(vod, isOver);
        vod.Get<IStandbyRecordings>().Promote(id);
        vod.Get<IStandbyRecordings>().Promote(id);
        if (!isOver) vod.End(id, 10);
        await vod.UntilAsync(async () => await vod.Catalogue.FindAsync(id, default) is { State: RecordingState.Ready });
        Assert.Equal(Other, (await vod.Catalogue.FindAsync(id, default))!.Continues);
        Assert.Single(hooks.Names, name => name == ("recording.started", id.ToString()));
        vod.Get<IStandbyRecordings>().Discard(id);
        Assert.True(Directory.Exists(vod.Spool.FolderOf(id)));
        Assert.True(JournalFile.Read(vod.Spool.FolderOf(id), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).OfType<RecordingPromoted>().Count() == 1);
    }

    [Fact]
    public async Task After_a_crash_it_is_repaired_and_stays_hidden()
    {
        var vod = await TestVod.StartAsync();
        var id = Beside(vod, isOver: false);
        await vod.StopAsync();
        await using var again = await TestVod.StartAsync(folder: vod.Folder);
        await again.UntilAsync(() => again.Get<IStandbyRecordings>().All is [{ EndedAt: not null }]);
        Assert.Equal(id, again.Get<IStandbyRecordings>().All[0].Id);
        Assert.Empty(await again.Catalogue.ListAsync(new RecordingQuery(), default));
    }

    [Fact]
    public async Task A_part_of_which_another_node_has_the_whole_is_deleted_and_one_with_a_beginning_of_its_own_is_kept()
    {
        await using var vod = await TestVod.StartAsync();
        var standbys = vod.Get<IStandbyRecordings>();
        var running = vod.Begin();
        Assert.False(await standbys.TrySupersedeAsync(running, vod.Time.GetUtcNow(), default));
        Assert.Equal((true, null), await standbys.EndOfAsync(running, default));
        Assert.True(await standbys.TrySupersedeAsync(Other, vod.Time.GetUtcNow(), default));
        Assert.Equal((false, null), await standbys.EndOfAsync(Other, default));

        var part = await vod.RecordReadyAsync();
        var began = (await vod.Catalogue.FindAsync(part, default))!.StartedAt;
        await vod.UntilAsync(async () => await standbys.TrySupersedeAsync(part, began + TimeSpan.FromSeconds(6), default));
        Assert.NotNull(await vod.Catalogue.FindAsync(part, default));
        await vod.UntilAsync(async () => await standbys.TrySupersedeAsync(part, began + TimeSpan.FromSeconds(2), default));
        Assert.Null(await vod.Catalogue.FindAsync(part, default));
        Assert.False(Directory.Exists(vod.Spool.FolderOf(part)));
    }

    private static RecordingId Beside(TestVod vod, bool isOver)
    {
        var now = vod.Time.GetUtcNow();
        var id = RecordingId.New(now);
        vod.Ledger.Append(new RecordingStarted(id, "live", now, RecordingTrigger.Policy, "a", Other, "b"));
        vod.Open(id, 1, 0, 10);
        vod.Close(id, 1, 10);
        if (isOver) vod.End(id, 10);
        return id;
    }

    private sealed class HeardNews : IRecordingHooks
    {
        private readonly List<(string Name, string Id)> _names = [];

        public IReadOnlyList<(string Name, string Id)> Names
        {
            get
            {
                lock (_names) return [.. _names];
            }
        }

        public void Raise(RecordingNews news)
        {
            lock (_names) _names.Add((news.Event, news.Recording.Id));
        }
    }
}
