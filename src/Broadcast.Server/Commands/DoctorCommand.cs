using System.Text.Encodings.Web;
using System.Text.Json;
using Broadcast.Recording.Finishing;
using Broadcast.Recording.Policy;
using Broadcast.Server.Doctor;
using Broadcast.Server.Options;
using Broadcast.Signalling.Http;
using Broadcast.Vod;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Commands;

/// <summary><c>broadcast doctor</c>: looks whether this machine and this configuration can serve, and says what to do.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="args">Behind the word "doctor": --json, and the switches of a node.</param>
    /// <param name="output">Gets a line for each check.</param>
    /// <param name="errors">Gets a sentence when the configuration cannot be read.</param>
    /// <returns>0 without a failed check, 1 with one, 2 when the configuration cannot be read.</returns>
    public static async Task<int> RunAsync(ReadOnlyMemory<string> args, TextWriter output, TextWriter errors)
    {
        var json = args.ToArray().Contains("--json");
        if (!CommandLine.TryParse([.. args.ToArray().Where(arg => arg != "--json")], out var commandLine, out var error))
        {
            await errors.WriteLineAsync(error);
            return ExitCodes.WrongSwitches;
        }

        var configuration = Settings.Load(commandLine, Environment.GetEnvironmentVariable);
        if (!ServeCommand.TryBind(configuration, out var options, out error))
        {
            await errors.WriteLineAsync(error);
            return ExitCodes.WrongSwitches;
        }

        var findings = await LookAsync(options, configuration.GetSection("Broadcast"), ReadFile, TimeProvider.System);
        if (json)
        {
            await output.WriteLineAsync(JsonSerializer.Serialize(
                findings.Select(finding => new { finding.Check, verdict = Word(finding.Verdict), finding.Message }), Json));
        }
        else
        {
            foreach (var finding in findings) await output.WriteLineAsync($"{Word(finding.Verdict),-4}  {finding.Check}: {finding.Message}");
        }

        return findings.Any(finding => finding.Verdict == Verdict.Fail) ? ExitCodes.Failed : ExitCodes.Stopped;
    }

    /// <param name="options">The node as a whole.</param>
    /// <param name="broadcast">The configuration section with the other options.</param>
    /// <param name="read">The text of a file; null when there is none. Tests give values that this machine does not have.</param>
    /// <param name="time">The clock.</param>
    internal static async Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, IConfiguration broadcast, Func<string, string?> read, TimeProvider time)
    {
        using var network = new SocketsHttpHandler();
        var vod = broadcast.GetSection("Vod").Get<VodOptions>() ?? new VodOptions();
        var recording = broadcast.GetSection("Recording").Get<RecordingOptions>() ?? new RecordingOptions();
        var findings = new List<Finding> { OpenSslCheck.Run() };
        findings.AddRange(await PortChecks.RunAsync(options, network));
        findings.AddRange(SocketChecks.Run(options.NoOffload, read));
        findings.Add(LimitCheck.Run(options.MaxSessions, read));
        findings.Add(AddressCheck.Run(options, AddressCheck.OfThisMachine()));
        findings.Add(CertificateCheck.Run(options, time.GetUtcNow()));
        findings.Add(FolderCheck.Run("data folder", options.Data));
        findings.Add(FolderCheck.Run("recording spool", vod.Spool.Length > 0 ? vod.Spool : Path.Combine(options.Data, "recordings", "spool")));
        if (vod.Store.Length > 0 && !vod.Store.StartsWith("s3://", StringComparison.Ordinal)) findings.Add(FolderCheck.Run("recording store", vod.Store));
        findings.AddRange(await FfmpegCheck.RunAsync(broadcast.GetSection("Ffmpeg").Get<FfmpegWorkshopOptions>() ?? new FfmpegWorkshopOptions(), Records(recording)));
        findings.AddRange(await StoreCheck.RunAsync(options.Cluster, time));
        findings.AddRange(await TurnCheck.RunAsync(broadcast.GetSection("IceServers").Get<IceServerOptions>() ?? new IceServerOptions(), time));
        return findings;
    }

    private static bool Records(RecordingOptions recording) => recording.Mode != RecordingOptions.Never || recording.Streams.Count > 0;

    private static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    private static string? ReadFile(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
