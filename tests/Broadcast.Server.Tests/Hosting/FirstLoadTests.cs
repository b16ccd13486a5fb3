using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>What a viewer loads before the first picture, as a browser would: the page, its styles, and all modules that it imports.</summary>
public sealed partial class FirstLoadTests(ITestOutputHelper output)
{
    private const int MostBytes = 100_000;

    [Fact]
    public async Task The_watch_page_takes_at_most_100_KB()
    {
        await using var node = await RunningNode.StartAsync(new Dictionary<string, string>(), "--no-auth");
        using var client = new HttpClient(new HttpClientHandler { AutomaticDecompression = DecompressionMethods.None });
        client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, deflate, br");
        var wanted = new Queue<Uri>([new Uri(node.Address, "/watch/live")]);
        var known = new HashSet<Uri>(wanted);
        var (bytes, plain) = (0, 0);
        while (wanted.TryDequeue(out var address))
        {
            using var response = await client.GetAsync(address);
            Assert.True(response.IsSuccessStatusCode, $"{address}: {response.StatusCode}");
            var body = await response.Content.ReadAsByteArrayAsync();
            var text = await TextAsync(body, response.Content.Headers.ContentEncoding.SingleOrDefault());
            (bytes, plain) = (bytes + body.Length, plain + text.Length);
            foreach (Match match in References().Matches(text))
            {
                var next = new Uri(address, match.Groups["at"].Value);
                if (known.Add(next)) wanted.Enqueue(next);
            }
        }

        output.WriteLine($"{known.Count} files, {bytes} bytes of {plain}");
        Assert.True(known.Count > 20, $"only {string.Join(' ', known)} were found");
        Assert.InRange(bytes, 1, MostBytes);
    }

    private static async Task<string> TextAsync(byte[] body, string? encoding)
    {
        using var stream = new MemoryStream(body);
        await using Stream plain = encoding switch
        {
            "br" => new BrotliStream(stream, CompressionMode.Decompress),
            "gzip" => new GZipStream(stream, CompressionMode.Decompress),
            _ => stream,
        };
        using var reader = new StreamReader(plain);
        return await reader.ReadToEndAsync();
    }

    [GeneratedRegex("""
        <script[^>]*\ssrc="(?<at>/[^"]+)" | <link[^>]*\srel="(?:stylesheet|icon|modulepreload)"[^>]*\shref="(?<at>/[^"]+)" | ^(?:import|export)\s[^;]*?'(?<at>[./][^']*)';
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline)]
    private static partial Regex References();
}
