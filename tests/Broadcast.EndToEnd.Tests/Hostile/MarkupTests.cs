using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Broadcast.EndToEnd.Tests.Browsers;
using Xunit.Abstractions;

namespace Broadcast.EndToEnd.Tests.Hostile;

/// <summary>Names that are markup, shown by the pages: they are text, and nothing of them runs.</summary>
public sealed class MarkupTests(Rig rig, ITestOutputHelper output) : EndToEndTest(rig, output)
{
    private const string Markup = "<img src=x onerror=\"globalThis.ran=1\"><script>globalThis.ran=1</script>\"'&";

    [Fact]
    public async Task Titles_and_tags_of_a_recording_are_text()
    {
        await PublishAsync(layers: "single");
        using var client = await OperatorAsync();
        using var started = await client.PostAsync($"/api/v1/streams/{Stream}/recording", null);
        var id = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        (await client.PatchAsJsonAsync($"/api/v1/recordings/{id}", new { title = Markup, tags = new[] { "<b onclick=ran=1>", "\"><svg/onload=ran=1>" } })).EnsureSuccessStatusCode();

        var list = await OpenAsync();
        await list.GoToAsync("/vod?q=" + Stream);
        await list.UntilAsync("(markup) => document.body.innerText.includes(markup)", Markup);
        await AssertHarmlessAsync(list);

        var page = await OpenAsync();
        await page.GoToAsync($"/vod/{id}");
        await page.UntilAsync("(markup) => document.querySelector('h1').textContent === markup && document.querySelectorAll('#tags li').length === 2", Markup);
        await AssertHarmlessAsync(page);
    }

    [Fact]
    public async Task Subjects_of_tokens_and_reasons_of_bans_are_text_to_operators()
    {
        var publisher = await OpenAsync();
        await PublishPage.GoLiveAsync(publisher, Sign(Markup, "publish", Stream), Stream, "video/VP8", "single");
        using var client = await OperatorAsync();
        using var ban = await client.PostAsJsonAsync("/api/v1/bans", new { subject = $"{Markup} nobody", reason = Markup, ttlSeconds = 60 });
        ban.EnsureSuccessStatusCode();

        var page = await OpenAsync();
        await page.AddScriptAsync("operate.js");
        await page.GoToAsync($"/operate?token={await Node.MintAsync("operate", "*")}");
        await page.EvaluateAsync<object?>("() => operate.tab('bans')");
        await page.UntilAsync("(markup) => operate.text('bans').includes(markup)", Markup);
        await page.EvaluateAsync<object?>("() => operate.tab('streams')");
        await page.UntilAsync("(stream) => operate.rows('streams').includes(stream)", Stream);
        await page.EvaluateAsync<object?>("(stream) => operate.pick('streams', stream)", Stream);
        await page.EvaluateAsync<object?>("() => operate.tab('sessions')");
        await page.UntilAsync("() => operate.rows('sessions').length === 1");
        await page.EvaluateAsync<object?>("() => operate.pick('sessions', operate.rows('sessions')[0])");
        await page.UntilAsync("() => [...document.querySelectorAll('#details .actions button')].some((button) => button.textContent === 'Ban token')");
        await page.EvaluateAsync<object?>("() => operate.tab('bans')");
        await page.EvaluateAsync<object?>("() => operate.pick('bans', operate.rows('bans')[0])");
        await page.UntilAsync("(markup) => document.querySelector('dialog[open]')?.textContent.includes(markup)", Markup);
        await AssertHarmlessAsync(page);
        await client.DeleteAsync(ban.Headers.Location);
    }

    [Theory]
    [InlineData("/?token=", "/")]
    [InlineData("/vod?q=", "/vod")]
    [InlineData("/publish?stream=", "/publish")]
    [InlineData("/operate?stream=", "/operate")]
    public async Task What_stands_in_an_address_is_text(string before, string path)
    {
        var page = await OpenAsync();
        await page.GoToAsync(before + Uri.EscapeDataString(Markup));
        await page.UntilAsync("(path) => document.readyState === 'complete' && location.pathname === path", path);
        await AssertHarmlessAsync(page);
    }

    /// <summary>Neither ran, nor is an element; a picture that is none has had its time to fail.</summary>
    private static async Task AssertHarmlessAsync(Tab page)
    {
        await page.EvaluateAsync<object?>("() => new Promise((done) => { const picture = new Image(); picture.onerror = () => done(null); picture.src = '/no-such-picture'; })");
        Assert.Equal("undefined", await page.EvaluateAsync<string>("() => typeof globalThis.ran"));
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.querySelectorAll('img[src=x], svg[onload], b[onclick], body script:not([src])').length"));
    }

    private async Task<HttpClient> OperatorAsync()
    {
        var client = new HttpClient { BaseAddress = new Uri(Node.Address) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Node.MintAsync("operate", "*"));
        return client;
    }

    /// <summary>A token of somebody, as another program that has the node's key would sign it (RFC 7515 §A.1).</summary>
    private string Sign(string subject, string scope, string stream)
    {
        var key = Convert.FromBase64String(File.ReadAllText(Path.Combine(Node.Folder, "token.key")).Trim());
        var claims = JsonSerializer.Serialize(new { sub = subject, scope, stream, exp = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds() });
        var text = $"{Part(Encoding.UTF8.GetBytes("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"))}.{Part(Encoding.UTF8.GetBytes(claims))}";
        return $"{text}.{Part(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(text)))}";

        static string Part(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
