namespace Broadcast.Server.Options;

/// <summary>Switches as configuration keys.</summary>
/// <param name="Settings">Keys below <c>Broadcast:</c>, with values.</param>
/// <param name="ConfigFile">The value of --config; null without one.</param>
public sealed record CommandLine(IReadOnlyDictionary<string, string?> Settings, string? ConfigFile)
{
    /// <summary>Reads "--name value" and "--name=value".</summary>
    /// <returns>False with a sentence for the person who typed it.</returns>
    public static bool TryParse(ReadOnlySpan<string> args, out CommandLine commandLine, out string error)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        string? configFile = null;
        commandLine = new CommandLine(settings, null);
        for (var index = 0; index < args.Length; index++)
        {
            var equals = args[index].IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? args[index] : args[index][..equals];
            var value = equals < 0 ? null : args[index][(equals + 1)..];
            var found = Switches.Find(name);
            if (found is null && name != Switches.ConfigFile)
            {
                error = $"There is no switch {name}. See --help.";
                return false;
            }

            if (found is { Kind: SwitchKind.Flag })
            {
                settings[Path(found.Key)] = value ?? "true";
                continue;
            }

            if (value is null && index + 1 < args.Length && !args[index + 1].StartsWith("--", StringComparison.Ordinal))
                value = args[++index];
            if (string.IsNullOrEmpty(value))
            {
                error = $"{name} needs a value. See --help.";
                return false;
            }

            if (found is null)
                configFile = value;
            else
                Set(settings, found, value);
        }

        commandLine = new CommandLine(settings, configFile);
        error = "";
        return true;
    }

    /// <summary>The same settings from environment variables; lists are separated by commas.</summary>
    public static Dictionary<string, string?> FromEnvironment(Func<string, string?> read)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var candidate in Switches.All)
        {
            if (read(candidate.Variable) is not { Length: > 0 } value)
                continue;
            if (candidate.Kind == SwitchKind.List)
            {
                foreach (var item in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    Set(settings, candidate, item);
            }
            else
            {
                settings[Path(candidate.Key)] = candidate.Kind == SwitchKind.Flag && value == "1" ? "true" : value;
            }
        }

        return settings;
    }

    private static void Set(Dictionary<string, string?> settings, Switch found, string value)
    {
        var path = Path(found.Key);
        if (found.Kind != SwitchKind.List)
        {
            settings[path] = value;
            return;
        }

        var next = 0;
        while (settings.ContainsKey($"{path}:{next}"))
            next++;
        settings[$"{path}:{next}"] = value;
    }

    private static string Path(string key) => "Broadcast:" + key;
}
