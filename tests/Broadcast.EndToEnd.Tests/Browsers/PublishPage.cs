namespace Broadcast.EndToEnd.Tests.Browsers;

/// <summary>The page <c>/publish</c>, used as a person uses it.</summary>
public static class PublishPage
{
    /// <summary>Opens the page with a token for one stream, chooses, and goes live.</summary>
    /// <param name="tab">An empty tab.</param>
    /// <param name="token">Of scope publish.</param>
    /// <param name="stream">The stream the token is for.</param>
    /// <param name="codec">A MIME type out of the page's list.</param>
    /// <param name="layers">A value out of the page's list of qualities.</param>
    public static async Task GoLiveAsync(Tab tab, string token, string stream, string codec, string layers = "auto")
    {
        await tab.GoToAsync($"/publish?stream={stream}&token={token}");
        await tab.UntilAsync("(name) => document.querySelector('#stream-name').value === name", stream);
        // Small pictures: two cores encode and decode at once, and the size is not what is tested.
        await tab.Page.SelectOptionAsync("#height", "360");
        await tab.Page.SelectOptionAsync("#codec", codec);
        await tab.Page.SelectOptionAsync("#layers", layers);
        // Where the browser has allowed the devices before, the page opens them by itself; the picture comes last.
        await tab.EvaluateAsync<bool>("() => { const open = document.querySelector('#open-devices'); if (open.checkVisibility()) open.click(); return true; }");
        await tab.UntilAsync("() => document.querySelector('#preview').videoHeight === 360");
        await tab.Page.ClickAsync("#go-live");
        await UntilStateAsync(tab, "Live");
    }

    /// <summary>Waits until the badge says so: Off air, Connecting…, Live, Reconnecting….</summary>
    public static Task UntilStateAsync(Tab tab, string state) =>
        tab.UntilAsync("(state) => document.querySelector('#state').textContent === state", state);

    /// <summary>Waits until the page reports a problem, and reads it.</summary>
    public static async Task<string> ProblemAsync(Tab tab)
    {
        await tab.UntilAsync("() => !document.querySelector('#problem').hidden");
        return await tab.Page.InnerTextAsync("#problem");
    }
}
