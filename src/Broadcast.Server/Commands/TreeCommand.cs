using System.Net.Http.Headers;
using System.Text.Json;
using Broadcast.Server.Options;
using Broadcast.Signalling.Api;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Commands;

/// <summary><c>broadcast tree</c>: asks a node which nodes have a stream, and prints the tree.</summary>
internal static class TreeCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="args">Behind the word "tree".</param>
    /// <param name="output">Gets the tree.</param>
    /// <param name="errors">Gets a sentence when there is none.</param>
    /// <param name="network">The way to the node; tests have one of their own.</param>
    public static async Task<int> RunAsync(ReadOnlyMemory<string> args, TextWriter output, TextWriter errors, HttpMessageHandler? network = null)
    {
        if (!TryRead(args.Span, out var stream, out var server, out var token, out var commandLine, out var error))
        {
            await errors.WriteLineAsync(error);
            return ExitCodes.WrongSwitches;
        }

        var configuration = Settings.Load(commandLine, Environment.GetEnvironmentVariable);
        var options = new ServerOptions();
        configuration.GetSection("Broadcast").Bind(options);
        server ??= new Uri($"http://localhost:{options.ManagementPort ?? options.HttpPort}");
        using var client = new HttpClient(network ?? new SocketsHttpHandler(), disposeHandler: network is null) { Timeout = Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, $"/api/v1/streams/{stream}/tree"));
        if ((token ?? OwnToken(configuration, options, stream)) is { } bearer) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        try
        {
            using var response = await client.SendAsync(request);
            await using var body = await response.Content.ReadAsStreamAsync();
            if (response.IsSuccessStatusCode && await JsonSerializer.DeserializeAsync<TreeView>(body, JsonSerializerOptions.Web) is { } tree)
            {
                TreeText.Write(tree, output);
                return ExitCodes.Stopped;
            }

            var problem = await JsonSerializer.DeserializeAsync<Problem>(body, JsonSerializerOptions.Web);
            await errors.WriteLineAsync(problem?.Detail ?? $"{server} answers {(int)response.StatusCode}.");
        }
        catch (HttpRequestException exception)
        {
            await errors.WriteLineAsync($"No node answers at {server.GetLeftPart(UriPartial.Authority)}: {exception.Message}. Name one with --server.");
        }
        catch (OperationCanceledException)
        {
            await errors.WriteLineAsync($"{server.GetLeftPart(UriPartial.Authority)} has not answered within {Patience.TotalSeconds} s.");
        }
        catch (JsonException)
        {
            await errors.WriteLineAsync($"{server.GetLeftPart(UriPartial.Authority)} is no node of this program.");
        }

        return ExitCodes.Failed;
    }

    private static bool TryRead(
        ReadOnlySpan<string> args, out string stream, out Uri? server, out string? token, out CommandLine commandLine, out string error)
    {
        (stream, server, token) = ("", null, null);
        string? address = null;
        var rest = new List<string>();
        for (var index = 0; index < args.Length; index++)
        {
            var value = index + 1 < args.Length ? args[index + 1] : null;
            if (args[index] == "--server") (address, index) = (value ?? "", index + 1);
            else if (args[index] == "--token") (token, index) = (value, index + 1);
            else if (index == 0) stream = args[index];
            else rest.Add(args[index]);
        }

        if (!CommandLine.TryParse(rest.ToArray(), out commandLine, out error)) return false;
        error = !StreamName.IsValid(stream)
            ? $"broadcast tree takes the name of a stream first. {StreamName.Rule}"
            : address is not null && !(Uri.TryCreate(address, UriKind.Absolute, out server) && server.Scheme is "http" or "https")
                ? "--server takes the address of a node, for example http://localhost:8080."
                : "";
        return error.Length == 0;
    }

    /// <summary>On the node's own machine its key is at hand; elsewhere, or with --no-auth, there may be none.</summary>
    private static string? OwnToken(IConfiguration configuration, ServerOptions options, string stream)
    {
        var auth = new AuthOptions();
        configuration.GetSection("Broadcast:Auth").Bind(auth);
        NodeKey.Locate(auth, options.Data);
        if (string.IsNullOrEmpty(auth.Secret) && !File.Exists(auth.SecretFile)) return null;
        return new TokenIssuer(TokenKeys.Load(auth), auth, TimeProvider.System).Issue(TokenScope.Operate, stream, TimeSpan.FromMinutes(1)).Token.Reveal();
    }
}
