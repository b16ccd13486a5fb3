using System.Net.Sockets;
using Broadcast.Server.Hosting;
using Broadcast.Server.Options;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Commands;

/// <summary>Runs a node in the foreground until Ctrl-C or SIGTERM.</summary>
internal static partial class ServeCommand
{
    public static async Task<int> RunAsync(CommandLine commandLine, TextWriter output, TextWriter errors)
    {
        var configuration = Settings.Load(commandLine, Environment.GetEnvironmentVariable);
        if (!TryBind(configuration, out var options, out var problem))
        {
            await errors.WriteLineAsync(problem);
            return ExitCodes.WrongSwitches;
        }

        try
        {
            await using var app = NodeHost.Build(options, configuration, output, new Reading(commandLine));
            var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Broadcast.Server");
            foreach (var sentence in ConfigurationKeys.Unknown(Settings.Read(commandLine, Environment.GetEnvironmentVariable))) UnknownKey(log, sentence);
            await app.RunAsync();
            return ExitCodes.Stopped;
        }
        catch (Exception exception) when (Explain(exception, options) is { } sentence)
        {
            await errors.WriteLineAsync(sentence);
            return ExitCodes.CannotStart;
        }
    }

    /// <summary>The options of the node, checked.</summary>
    /// <returns>False with a sentence for the person who set them.</returns>
    internal static bool TryBind(IConfiguration configuration, out ServerOptions options, out string problem)
    {
        options = new ServerOptions();
        try
        {
            configuration.GetSection("Broadcast").Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            problem = exception.InnerException is null ? exception.Message : $"{exception.Message} {exception.InnerException.Message}";
            return false;
        }

        problem = ServerOptionsCheck.FirstProblem(options) ?? "";
        return problem.Length == 0;
    }

    /// <summary>A sentence for what an operator can mend; null for everything else, which is a defect and keeps its trace.</summary>
    internal static string? Explain(Exception exception, ServerOptions options)
    {
        if (exception is InvalidDataException)
            return exception.Message;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is UnauthorizedAccessException)
                return cause.Message;
            if (cause is not SocketException socket)
                continue;
            var (port, name) = Port(exception, options);
            switch (socket.SocketErrorCode)
            {
                case SocketError.AddressAlreadyInUse:
                    return $"Port {port} is in use. Stop the other program or choose another port with {name}.";
                case SocketError.AccessDenied:
                    return $"Port {port} may not be opened by this user. Choose one above 1023 with {name}.";
                case SocketError.AddressNotAvailable:
                    return $"This machine does not have one of the addresses {string.Join(", ", options.HostIp)}. Change --host-ip.";
            }
        }

        return null;
    }

    // Kestrel names the address in its message; the media plane has one port only.
    private static (int Port, string Switch) Port(Exception exception, ServerOptions options)
    {
        if (options.ManagementPort is { } management && exception.Message.Contains($":{management}", StringComparison.Ordinal))
            return (management, "--management-port");
        if (exception.Message.Contains($":{options.HttpPort}", StringComparison.Ordinal))
            return (options.HttpPort, "--http-port");
        return exception.Message.Contains($":{options.HttpsPort}", StringComparison.Ordinal)
            ? (options.HttpsPort, "--https-port")
            : (options.MediaPort, "--media-port");
    }

    [LoggerMessage(124, LogLevel.Warning, "Configuration, {Sentence}")]
    private static partial void UnknownKey(ILogger logger, string sentence);
}
