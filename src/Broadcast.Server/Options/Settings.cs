using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Options;

/// <summary>Lays the sources of configuration over each other: file, environment, switches; the later wins.</summary>
public static class Settings
{
    /// <summary>Read when it exists and --config names no other file.</summary>
    public const string DefaultFile = "/etc/broadcast/broadcast.json";

    /// <summary>The configuration of a command line.</summary>
    /// <exception cref="InvalidDataException">The file is missing or is no JSON.</exception>
    public static IConfigurationRoot Load(CommandLine commandLine, Func<string, string?> environment) =>
        new ConfigurationBuilder().AddInMemoryCollection(Read(commandLine, environment).Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Text))).Build();

    /// <summary>The same values, each with where it comes from, for people.</summary>
    /// <exception cref="InvalidDataException">The file is missing or is no JSON.</exception>
    internal static Dictionary<string, Setting> Read(CommandLine commandLine, Func<string, string?> environment)
    {
        var merged = new Dictionary<string, Setting>(StringComparer.OrdinalIgnoreCase);
        if (FileOf(commandLine, environment) is { } file)
            Overlay(merged, FromFile(file), file);
        // Keys without a switch, as Broadcast__Auth__Secret, in the way of every .NET program.
        Overlay(merged, Flatten(new ConfigurationBuilder().AddEnvironmentVariables().Build()).Where(pair => pair.Key.StartsWith("Broadcast:", StringComparison.OrdinalIgnoreCase)), "environment");
        Overlay(merged, CommandLine.FromEnvironment(environment), "environment");
        Overlay(merged, commandLine.Settings, "switch");
        return merged;
    }

    /// <summary>The file that is read; null for none.</summary>
    internal static string? FileOf(CommandLine commandLine, Func<string, string?> environment) =>
        commandLine.ConfigFile ?? environment("BROADCAST_CONFIG") ?? (File.Exists(DefaultFile) ? DefaultFile : null);

    private static IEnumerable<KeyValuePair<string, string?>> FromFile(string file)
    {
        if (!File.Exists(file))
            throw new InvalidDataException($"The configuration file {file} does not exist.");
        try
        {
            return Flatten(new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false).Build());
        }
        catch (Exception exception) when (exception is InvalidDataException or FormatException)
        {
            throw new InvalidDataException($"The configuration file {file} cannot be read: {exception.InnerException?.Message ?? exception.Message}", exception);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> Flatten(IConfiguration configuration) =>
        configuration.AsEnumerable().Where(pair => pair.Value is not null);

    // A list of a later source replaces that of an earlier one as a whole; merging by index would mix them.
    private static void Overlay(Dictionary<string, Setting> merged, IEnumerable<KeyValuePair<string, string?>> later, string source)
    {
        var pairs = later.ToList();
        foreach (var list in pairs.Select(pair => ListOf(pair.Key)).Where(list => list is not null).Distinct())
        {
            foreach (var key in merged.Keys.Where(key => ListOf(key) == list).ToList())
                merged.Remove(key);
        }

        foreach (var (key, value) in pairs)
            merged[key] = new Setting(value, source);
    }

    private static string? ListOf(string key)
    {
        var colon = key.LastIndexOf(':');
        return colon > 0 && int.TryParse(key.AsSpan(colon + 1), out _) ? key[..colon].ToUpperInvariant() : null;
    }
}
