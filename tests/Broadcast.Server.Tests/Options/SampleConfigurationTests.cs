using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Broadcast.Recording.Policy;
using Broadcast.Server.Options;
using Broadcast.Server.Telemetry;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Broadcast.Signalling.Limits;
using Broadcast.Signalling.Webhooks;
using Broadcast.Usage;
using Broadcast.Vod;

namespace Broadcast.Server.Tests.Options;

/// <summary>Keeps deploy/broadcast.sample.json in step with the options.</summary>
public class SampleConfigurationTests
{
    private static readonly (string Section, object Options)[] Sections =
    [
        ("", new ServerOptions()), ("Auth", new AuthOptions()), ("Watch", new WatchOptions()), ("Quality", new QualityOptions()), ("Recording", new RecordingOptions()), ("IceServers", new IceServerOptions()),
        ("Log", new LogOptions()), ("RateLimit", new RateLimitOptions()), ("Limits", new LimitOptions()), ("Http", new SignallingOptions()), ("Vod", new VodOptions()), ("Usage", new UsageOptions()),
        ("Webhooks", new WebhookOptions()), ("Telemetry", new TelemetryOptions()),
    ];

    [Fact]
    public void The_sample_shows_every_key_with_its_default_and_no_other()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "broadcast.sample.json");
        using var sample = JsonDocument.Parse(File.ReadAllText(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        var root = sample.RootElement.GetProperty("Broadcast");
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (section, options) in Sections)
        {
            foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                expected[section.Length == 0 ? property.Name : $"{section}:{property.Name}"] = Text(property.GetValue(options));
        }

        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (var inner in property.Value.EnumerateObject())
                    shown[$"{property.Name}:{inner.Name}"] = Text(inner.Value);
            }
            else
            {
                shown[property.Name] = Text(property.Value);
            }
        }

        Assert.Equal(expected, shown);
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable items => items.Cast<object>().Any() ? "items" : "empty",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0 ? "empty" : "items",
        JsonValueKind.Object => value.EnumerateObject().Any() ? "items" : "empty",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };
}
