using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Options;

/// <summary>The configuration of a command line, as often as it is asked for.</summary>
/// <param name="commandLine">Its switches, which stay the same.</param>
internal sealed class Reading(CommandLine commandLine)
{
    /// <summary>Tells whether the file has changed since; the same where there is none.</summary>
    public (DateTime Written, long Length) Stamp =>
        Settings.FileOf(commandLine, Environment.GetEnvironmentVariable) is { } name && new FileInfo(name) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;

    /// <summary>What stands there now, checked as <c>config check</c> does.</summary>
    /// <exception cref="InvalidDataException">Something is wrong with it; says all of it.</exception>
    public IConfigurationRoot Read()
    {
        var configuration = Settings.Load(commandLine, Environment.GetEnvironmentVariable);
        var faults = Commands.ConfigCommand.Faults(Settings.Read(commandLine, Environment.GetEnvironmentVariable), configuration);
        return faults.Count == 0 ? configuration : throw new InvalidDataException(string.Join(" ", faults));
    }
}
