using System.Collections;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Options;

/// <summary>What the node would run with: each key, its value without secrets, and where it comes from.</summary>
internal static class EffectiveValues
{
    private const string Mask = "***";

    public static IEnumerable<(string Key, string Value, string Source)> List(IReadOnlyDictionary<string, Setting> settings, IConfiguration configuration)
    {
        foreach (var (section, type) in ConfigurationKeys.Sections)
        {
            var options = Activator.CreateInstance(type)!;
            configuration.GetSection(section.Length == 0 ? "Broadcast" : $"Broadcast:{section}").Bind(options);
            foreach (var property in type.GetProperties())
            {
                var key = section.Length == 0 ? property.Name : $"{section}:{property.Name}";
                var value = property.GetValue(options);
                if (value is IDictionary or (IEnumerable and not string))
                {
                    var own = settings.Where(pair => pair.Key.StartsWith($"Broadcast:{key}:", StringComparison.OrdinalIgnoreCase)).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
                    if (own.Count == 0) yield return (key, "(none)", "default");
                    foreach (var (name, setting) in own) yield return (name["Broadcast:".Length..], Masked(key, setting.Text), setting.Source);
                    continue;
                }

                yield return (key, Masked(key, Text(value)), settings.TryGetValue($"Broadcast:{key}", out var given) ? given.Source : "default");
            }
        }
    }

    // Keys that end in File name a file, which is no secret; addresses can carry a password.
    internal static string Masked(string key, string? value)
    {
        if (string.IsNullOrEmpty(value)) return value is null ? "(none)" : "\"\"";
        if (!key.EndsWith("File", StringComparison.OrdinalIgnoreCase) && (key.Contains("Secret", StringComparison.OrdinalIgnoreCase) || key.Contains("Password", StringComparison.OrdinalIgnoreCase) || key.EndsWith("AccessKey", StringComparison.OrdinalIgnoreCase)))
            return Mask;
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var at = value.LastIndexOf('@');
        return scheme >= 0 && at > scheme ? $"{value[..(scheme + 3)]}{Mask}{value[at..]}" : value;
    }

    private static string? Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value?.ToString(),
    };
}
