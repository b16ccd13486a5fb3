using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Tests.Fakes;

/// <summary>Enough of S3 to put, put in parts, get, ask for and delete; on loopback, and able to fail.</summary>
internal sealed class FakeS3 : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (string Path, SortedDictionary<int, byte[]> Parts)> _uploads = new();
    private readonly WebApplication _app;

    private FakeS3(WebApplication app) => _app = app;

    /// <summary>By path, "/bucket/key".</summary>
    public ConcurrentDictionary<string, (byte[] Bytes, string? Type)> Objects { get; } = new();

    /// <summary>Requests as "METHOD path?query", without those that failed.</summary>
    public ConcurrentQueue<string> Served { get; } = new();

    /// <summary>Answers with this status when it says so.</summary>
    public Func<HttpRequest, int?> Fail { get; set; } = _ => null;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<FakeS3> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var server = new FakeS3(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static string TagOf(byte[] bytes) => $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes)[..16])}\"";

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        if (Fail(request) is { } failure)
        {
            response.StatusCode = failure;
            return;
        }

        Served.Enqueue($"{request.Method} {request.Path}{request.QueryString}");
        var path = request.Path.Value!;
        string? uploadId = request.Query["uploadId"];
        switch (request.Method)
        {
            case "PUT" when uploadId is not null && _uploads.TryGetValue(uploadId, out var upload):
                lock (upload.Parts) upload.Parts[int.Parse(request.Query["partNumber"]!, CultureInfo.InvariantCulture)] = body.ToArray();
                response.Headers.ETag = TagOf(body.ToArray());
                break;
            case "PUT" when uploadId is null:
                Objects[path] = (body.ToArray(), request.ContentType);
                response.Headers.ETag = TagOf(body.ToArray());
                break;
            case "POST" when request.Query.ContainsKey("uploads"):
                var id = Guid.NewGuid().ToString("N");
                _uploads[id] = (path, []);
                _types[id] = request.ContentType;
                await WriteAsync(response, $"<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>");
                break;
            case "GET" when uploadId is not null && _uploads.TryGetValue(uploadId, out var listed):
                var parts = string.Concat(listed.Parts.Select(part => $"<Part><PartNumber>{part.Key}</PartNumber><ETag>{TagOf(part.Value)}</ETag><Size>{part.Value.Length}</Size></Part>"));
                await WriteAsync(response, $"<ListPartsResult><UploadId>{uploadId}</UploadId><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>");
                break;
            case "POST" when uploadId is not null && _uploads.TryRemove(uploadId, out var complete):
                Objects[complete.Path] = ([.. complete.Parts.Values.SelectMany(part => part)], _types[uploadId]);
                await WriteAsync(response, "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>");
                break;
            case "GET" or "HEAD" when uploadId is null && Objects.TryGetValue(path, out var found):
                await SendAsync(request, response, found.Bytes, found.Type);
                break;
            case "DELETE":
                Objects.TryRemove(path, out _);
                response.StatusCode = 204;
                break;
            default:
                response.StatusCode = 404;
                if (request.Method != "HEAD") await WriteAsync(response, $"<Error><Code>{(uploadId is null ? "NoSuchKey" : "NoSuchUpload")}</Code><Message>Not there.</Message></Error>");
                break;
        }
    }

    private readonly ConcurrentDictionary<string, string?> _types = new();

    private static async Task SendAsync(HttpRequest request, HttpResponse response, byte[] bytes, string? type)
    {
        var (first, last) = (0, bytes.Length - 1);
        if (request.Headers.Range.ToString() is { Length: > 6 } range)
        {
            var ends = range["bytes=".Length..].Split('-');
            (first, last) = (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[1], CultureInfo.InvariantCulture));
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {first}-{last}/{bytes.Length}";
        }

        response.ContentType = type;
        response.ContentLength = last - first + 1;
        response.Headers.ETag = TagOf(bytes);
        if (request.Method == "GET") await response.Body.WriteAsync(bytes.AsMemory(first, last - first + 1));
    }

    private static Task WriteAsync(HttpResponse response, string xml)
    {
        response.ContentType = "application/xml";
        return response.WriteAsync(xml);
    }
}
