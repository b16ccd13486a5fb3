using Broadcast.Server.Cluster;

namespace Broadcast.Server.Tests.Cluster;

/// <summary>Work that is under way at most once for each key.</summary>
public class OneAtATimeTests
{
    [Fact]
    public async Task Work_that_ends_at_once_can_be_done_again_each_time()
    {
        var work = new OneAtATime<int>();
        var done = 0;
        for (var i = 0; i < 20_000; i++)
        {
            await work.RunAsync(1, () =>
            {
                done++;
                return Task.CompletedTask;
            });
        }

        Assert.Equal(20_000, done);
    }

    [Fact]
    public async Task Who_asks_meanwhile_waits_for_the_same_work_and_other_keys_do_not()
    {
        var work = new OneAtATime<int>();
        var end = new TaskCompletionSource();
        var begun = 0;
        var first = work.RunAsync(1, () =>
        {
            begun++;
            return end.Task;
        });
        var second = work.RunAsync(1, () => throw new InvalidOperationException("It is under way."));
        await work.RunAsync(2, () => Task.CompletedTask);
        Assert.False(first.IsCompleted || second.IsCompleted);
        end.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task Work_that_failed_is_begun_anew()
    {
        var work = new OneAtATime<string>();
        await Assert.ThrowsAsync<IOException>(() => work.RunAsync("a", () => throw new IOException("full")));
        var isDone = false;
        await work.RunAsync("a", () =>
        {
            isDone = true;
            return Task.CompletedTask;
        });
        Assert.True(isDone);
    }
}
