using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests;

/// <summary>What the player says about its company.</summary>
public sealed class ViewerCountTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    [Fact]
    public async Task Number_of_viewers_is_shown_although_it_came_before_the_picture()
    {
        await PublishAsync();
        var viewer = await WatchAsync();
        await viewer.UntilAsync("""
            () => {
              const badge = document.querySelector('broadcast-player').shadowRoot.querySelector('.viewers');
              return !badge.hidden && badge.querySelector('.count').textContent === '1';
            }
            """);
    }
}
