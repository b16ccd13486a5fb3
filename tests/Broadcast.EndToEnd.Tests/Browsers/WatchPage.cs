namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>The page <c>/watch/NAME</c> and its player.</summary>
public static class WatchPage
{
    private const string Player = "document.querySelector('broadcast-player')";

    public static Task OpenAsync(Tab tab, string stream) => tab.GoToAsync($"/watch/{stream}");

    /// <summary>Waits for the first frame on the screen.</summary>
    public static Task UntilPlayingAsync(Tab tab, double seconds = 30) => tab.UntilAsync(
        $"() => {Player}?.state === 'playing' && {Player}.shadowRoot.querySelector('video.shown').videoWidth > 0", seconds: seconds);

    /// <summary>Waits until the player is in a state: connecting, waiting, playing, reconnecting, failed.</summary>
    public static Task UntilStateAsync(Tab tab, string state, double seconds = 30) =>
        tab.UntilAsync($"(state) => {Player}?.state === state", state, seconds);

    /// <summary>
    /// Waits until the player has found out what its network is like and wants to hold sound and picture back for so long at least, and until
    /// the statistics panel says that most of it is held: a browser fills the buffer at a tenth of real time.
    /// </summary>
    public static async Task UntilBufferedAsync(Tab tab, int milliseconds)
    {
        await tab.UntilAsync("(wanted) => e2e.connection.getReceivers().every(({ jitterBufferTarget }) => jitterBufferTarget >= wanted)", milliseconds);

        // The panel writes only while it is open.
        await tab.EvaluateAsync<object?>($"() => {Player}.toggleStatistics()");
        await tab.UntilAsync($$"""
            () => {
              const text = {{Player}}.shadowRoot.querySelector('[data-value=buffer]').textContent;
              const [, held, target] = text.match(/^(\d+) of (\d+)\sms$/) ?? [];
              return Number(held) >= 0.7 * Number(target);
            }
            """);
        await tab.EvaluateAsync<object?>($"() => {Player}.toggleStatistics()");
    }

    /// <summary>Opens the statistics panel and waits until it shows something.</summary>
    public static Task OpenStatisticsAsync(Tab tab) => tab.EvaluateAsync<object?>(
        $"() => new Promise((resolve) => {{ {Player}.toggleStatistics(); {Player}.addEventListener('stats', () => resolve(), {{ once: true }}); }})");

    /// <summary>What the player says instead of a picture; empty when it shows one.</summary>
    public static Task<string> NoticeAsync(Tab tab) => tab.EvaluateAsync<string>(
        $"() => {{ const notice = {Player}.shadowRoot.querySelector('.notice'); return notice.hidden ? '' : notice.innerText; }}");
}
