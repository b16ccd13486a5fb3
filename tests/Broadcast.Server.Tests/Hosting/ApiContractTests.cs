using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>Every operation of the OpenAPI document, asked of a running node: it exists, and answers with a status and a body that are described.</summary>
public sealed class ApiContractTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_documented_operation_answers_as_the_document_says()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        string[] args = [Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), "--http-port", "0", "--media-port", "0", "--workers", "1", "--no-auth", "--host-ip", "127.0.0.1", "--node-id", "a"];
        foreach (var arg in args) start.ArgumentList.Add(arg);
        using var node = Process.Start(start)!;
        var line = await node.StandardOutput.ReadLineAsync();
        while (line?.StartsWith("ready http://", StringComparison.Ordinal) == false) line = await node.StandardOutput.ReadLineAsync();
        using var client = new HttpClient { BaseAddress = new Uri(line!["ready ".Length..]) };
        using var document = JsonDocument.Parse(await client.GetStringAsync("/api/v1/openapi.json"));
        var asked = 0;
        foreach (var path in document.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject().Where(operation => operation.Value.ValueKind == JsonValueKind.Object && operation.Value.TryGetProperty("responses", out _)))
            {
                await CheckAsync(client, document.RootElement, operation.Name, path.Name, operation.Value);
                asked++;
            }
        }

        Assert.True(asked > 25, $"{asked} operations");
        node.Kill();
        await node.WaitForExitAsync();
    }

    private static async Task CheckAsync(HttpClient client, JsonElement document, string method, string path, JsonElement operation)
    {
        var where = $"{method} {path}";
        var address = path.Replace("{node}", "a", StringComparison.Ordinal).Replace("{stream}", "live", StringComparison.Ordinal).Replace("{session}", "nobody", StringComparison.Ordinal)
            .Replace("{id}", "0mi9fi4zg1b2c3d4e5f6g7h8", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), address);
        if (operation.TryGetProperty("requestBody", out _)) request.Content = new StringContent("{\"scope\":\"watch\",\"stream\":\"live\"}", Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        var status = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(operation.GetProperty("responses").TryGetProperty(status, out var described), $"{where} answers {status}, which is not described");
        Assert.NotEqual(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        if (!described.TryGetProperty("content", out var content))
        {
            Assert.True(body.Length == 0, $"{where}: a body that is not described");
            return;
        }

        Assert.True(content.TryGetProperty(response.Content.Headers.ContentType?.MediaType ?? "", out var form), $"{where} answers with {response.Content.Headers.ContentType}, which is not described");
        using var answer = JsonDocument.Parse(body);
        Validate(document, form.GetProperty("schema"), answer.RootElement, where);
    }

    /// <summary>As much of JSON Schema as the document uses: references, types, required members, items, alternatives. No member that is not described.</summary>
    private static void Validate(JsonElement document, JsonElement schema, JsonElement value, string where)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            Validate(document, document.GetProperty("components").GetProperty("schemas").GetProperty(name), value, where);
            return;
        }

        if (schema.TryGetProperty("oneOf", out var choices))
        {
            if (value.ValueKind == JsonValueKind.Null) Assert.Contains(choices.EnumerateArray(), choice => Types(choice).Contains("null"));
            else Validate(document, choices.EnumerateArray().First(choice => !Types(choice).SequenceEqual(["null"])), value, where);
            return;
        }

        var types = Types(schema);
        if (types.Length > 0) Assert.True(types.Any(type => Is(type, value)), $"{where}: {value.ValueKind} is none of {string.Join(", ", types)}");
        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var item in value.EnumerateArray()) Validate(document, items, item, where + "[]");
        }

        if (value.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties)) return;
        if (schema.TryGetProperty("required", out var required))
            Assert.All(required.EnumerateArray(), member => Assert.True(value.TryGetProperty(member.GetString()!, out _), $"{where}: {member} is missing"));
        foreach (var member in value.EnumerateObject())
        {
            Assert.True(properties.TryGetProperty(member.Name, out var inner), $"{where}: {member.Name} is not described");
            Validate(document, inner, member.Value, $"{where}.{member.Name}");
        }
    }

    private static string[] Types(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? []
        : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(each => each.GetString()!)] : [type.GetString()!];

    private static bool Is(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => false,
    };
}
