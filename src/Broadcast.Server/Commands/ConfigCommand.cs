using Broadcast.Server.Options;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Commands;

/// <summary><c>broadcast config check</c>: would a node start with this? <c>broadcast config print</c>: with which values?</summary>
internal static class ConfigCommand
{
    /// <param name="args">Behind the word "config": check or print, and the switches of a node.</param>
    /// <param name="output">Gets the values, and what is odd.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>0 when a node would start, 2 when not, or when a key means nothing.</returns>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter errors)
    {
        if (args is not ["check" or "print", ..])
        {
            errors.WriteLine("config takes check or print. See --help.");
            return ExitCodes.WrongSwitches;
        }

        if (!CommandLine.TryParse(args[1..], out var commandLine, out var error)) return Fail(errors, error);
        Dictionary<string, Setting> settings;
        try
        {
            settings = Settings.Read(commandLine, Environment.GetEnvironmentVariable);
        }
        catch (InvalidDataException exception)
        {
            return Fail(errors, exception.Message);
        }

        var configuration = Settings.Load(commandLine, Environment.GetEnvironmentVariable);
        var faults = Faults(settings, configuration);
        if (args[0] == "print" || faults.Count == 0) Print(settings, configuration, output, faults);
        foreach (var fault in faults) errors.WriteLine(fault);
        return faults.Count == 0 ? ExitCodes.Stopped : ExitCodes.WrongSwitches;
    }

    /// <summary>All that is wrong with a configuration, a sentence each.</summary>
    internal static List<string> Faults(Dictionary<string, Setting> settings, IConfiguration configuration)
    {
        var faults = ConfigurationKeys.Unknown(settings).ToList();
        if (!ServeCommand.TryBind(configuration, out _, out var problem)) faults.Add(problem);
        else faults.AddRange(Sections(configuration));
        return faults;
    }

    /// <summary>What each section's own rules say.</summary>
    private static IEnumerable<string> Sections(IConfiguration configuration)
    {
        foreach (var (section, type) in ConfigurationKeys.Sections.Where(each => each.Key.Length > 0))
        {
            var fault = "";
            try
            {
                var options = Activator.CreateInstance(type)!;
                configuration.GetSection($"Broadcast:{section}").Bind(options);
                Signalling.Http.OptionsCheck.Validate(options, $"Broadcast:{section}");
            }
            catch (InvalidDataException exception)
            {
                fault = exception.Message;
            }
            catch (InvalidOperationException exception)
            {
                fault = exception.Message;
            }

            if (fault.Length > 0) yield return fault;
        }
    }

    private static void Print(Dictionary<string, Setting> settings, IConfigurationRoot configuration, TextWriter output, List<string> faults)
    {
        try
        {
            foreach (var (key, value, source) in EffectiveValues.List(settings, configuration)) output.WriteLine($"{key} = {value}  ({source})");
        }
        catch (InvalidOperationException) when (faults.Count > 0)
        {
            // A value that cannot be read is among the faults.
        }
    }

    private static int Fail(TextWriter errors, string sentence)
    {
        errors.WriteLine(sentence);
        return ExitCodes.WrongSwitches;
    }
}
