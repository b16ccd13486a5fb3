using Broadcast.Recording.Finishing;
using Xunit;

namespace Broadcast.Recording.Tests.Finishing;

public sealed class SweepTests(TestMedia media) : IClassFixture<TestMedia>
{
    [Fact]
    public void What_a_killed_process_left_is_removed_and_nothing_else()
    {
        var folder = media.NewFolder();
        var left = Directory.CreateDirectory(Path.Combine(folder, $".work-{Guid.NewGuid():N}")).FullName;
        File.WriteAllText(Path.Combine(left, "joined"), "half");
        var outside = media.NewFolder();
        File.WriteAllText(Path.Combine(outside, "kept"), "kept");
        Directory.CreateSymbolicLink(Path.Combine(left, "link"), outside);
        string[] kept = [".work-mine", "work", $"x.work-{Guid.NewGuid():N}", Path.Combine("deeper", $".work-{Guid.NewGuid():N}")];
        foreach (var name in kept) Directory.CreateDirectory(Path.Combine(folder, name));

        Assert.Equal(1, FfmpegWorkshop.Sweep(folder, Path.Combine(folder, "missing")));

        Assert.False(Directory.Exists(left));
        Assert.All(kept, name => Assert.True(Directory.Exists(Path.Combine(folder, name))));
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
    }

    [Fact]
    public async Task What_is_being_made_is_left_alone()
    {
        var order = media.Order(media.Segment(0, "vp8"));
        var swept = new List<int>();
        var told = new Told(_ => swept.Add(FfmpegWorkshop.Sweep(order.Folder)));

        var file = Assert.Single(await (await media.WorkshopAsync()).FinishAsync(order, told, default));

        Assert.NotEmpty(swept);
        Assert.DoesNotContain(1, swept);
        TestMedia.AssertDecodes(file.Path);
    }
}
