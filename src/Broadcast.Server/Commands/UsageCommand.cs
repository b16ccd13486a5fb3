using System.Text.Json;
using Broadcast.Server.Options;
using Broadcast.Signalling.Http;
using Broadcast.Usage;
using Broadcast.Usage.Api;
using Broadcast.Usage.Files;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Commands;

/// <summary><c>broadcast usage export</c>: prints the records of this node from its folder; the node may run meanwhile, or not.</summary>
internal static class UsageCommand
{
    private const string Rule = "broadcast usage export [--from TIME] [--to TIME] [--stream NAME] [--csv | --json]: times are dates or moments of ISO 8601, and --to is not included.";

    /// <param name="args">Behind the word "usage".</param>
    /// <param name="output">Gets a line for each record.</param>
    /// <param name="errors">Gets a sentence when something is wrong.</param>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter errors)
    {
        string? from = null, to = null, stream = null;
        var csv = true;
        var rest = new List<string>();
        if (args is not ["export", ..]) return Fail(errors, Rule);
        for (var index = 1; index < args.Length; index++)
        {
            var value = index + 1 < args.Length ? args[index + 1] : "";
            if (args[index] == "--from") (from, index) = (value, index + 1);
            else if (args[index] == "--to") (to, index) = (value, index + 1);
            else if (args[index] == "--stream") (stream, index) = (value, index + 1);
            else if (args[index] is "--csv" or "--json") csv = args[index] == "--csv";
            else rest.Add(args[index]);
        }

        if (!CommandLine.TryParse(rest.ToArray(), out var commandLine, out var error)) return Fail(errors, error);
        if (!UsageTime.TryParse(from, DateTimeOffset.MinValue, out var begin) || !UsageTime.TryParse(to, DateTimeOffset.MaxValue, out var end)) return Fail(errors, Rule);
        if (stream is not null && !StreamName.IsValid(stream)) return Fail(errors, StreamName.Rule);

        var configuration = Settings.Load(commandLine, Environment.GetEnvironmentVariable);
        var options = configuration.GetSection("Broadcast:Usage").Get<UsageOptions>() ?? new UsageOptions();
        var folder = UsageServices.FolderOf(options, configuration["Broadcast:Data"] ?? new ServerOptions().Data);
        if (!Directory.Exists(folder))
        {
            errors.WriteLine($"There are no usage records in {folder}. Name the node's data folder with --data.");
            return ExitCodes.CannotStart;
        }

        if (csv) output.Write(UsageCsv.Header);
        foreach (var stored in new UsageFolder(folder).Ended(begin, end))
        {
            if (stream is not null && stored.Record.Stream != stream) continue;
            if (csv) output.Write(UsageCsv.Line(stored.Record));
            else output.WriteLine(JsonSerializer.Serialize(UsageView.Of(stored.Record), JsonSerializerOptions.Web));
        }

        output.Flush();
        return ExitCodes.Stopped;
    }

    private static int Fail(TextWriter errors, string sentence)
    {
        errors.WriteLine(sentence);
        return ExitCodes.WrongSwitches;
    }
}
