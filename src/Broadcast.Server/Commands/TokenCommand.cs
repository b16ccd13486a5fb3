using Broadcast.Server.Options;
using Broadcast.Signalling.Auth;
using Broadcast.Signalling.Http;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Commands;

/// <summary><c>broadcast token</c>: mints a token with this node's key and prints it.</summary>
internal static class TokenCommand
{
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter errors)
    {
        string? scope = null, stream = null, ttl = null;
        var rest = new List<string>();
        for (var index = 0; index < args.Length; index++)
        {
            var value = index + 1 < args.Length ? args[index + 1] : null;
            switch (args[index])
            {
                case "--scope":
                    (scope, index) = (value, index + 1);
                    break;
                case "--stream":
                    (stream, index) = (value, index + 1);
                    break;
                case "--ttl":
                    (ttl, index) = (value, index + 1);
                    break;
                default:
                    rest.Add(args[index]);
                    break;
            }
        }

        if (!CommandLine.TryParse(rest.ToArray(), out var commandLine, out var error))
            return Fail(errors, error);
        if (!TokenScopes.TryParse(scope, out var scopes))
            return Fail(errors, "--scope takes publish, watch and operate, separated by commas.");
        if (stream is null || (stream != Grant.AnyStream && !StreamName.IsValid(stream)))
            return Fail(errors, $"--stream takes a stream name, or * for every stream. {StreamName.Rule}");
        if (!TryLifetime(ttl, out var lifetime))
            return Fail(errors, "--ttl takes a number with s, m, h or d, for example 24h.");

        var configuration = Settings.Load(commandLine, Environment.GetEnvironmentVariable);
        var auth = new AuthOptions();
        configuration.GetSection("Broadcast:Auth").Bind(auth);
        NodeKey.Locate(auth, configuration["Broadcast:Data"] ?? new ServerOptions().Data);
        var issued = new TokenIssuer(TokenKeys.Load(auth), auth, TimeProvider.System).Issue(scopes, stream, lifetime);
        output.WriteLine(issued.Token.Reveal());
        return 0;
    }

    internal static bool TryLifetime(string? text, out TimeSpan lifetime)
    {
        lifetime = TokenIssuer.DefaultLifetime;
        if (text is null)
            return true;
        if (text.Length < 2 || !uint.TryParse(text.AsSpan(0, text.Length - 1), out var number) || number == 0)
            return false;
        var seconds = text[^1] switch { 's' => 1L, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 } * number;
        if (seconds == 0 || seconds > (long)TokenIssuer.MaxLifetime.TotalSeconds)
            return false;
        lifetime = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static int Fail(TextWriter errors, string sentence)
    {
        errors.WriteLine(sentence);
        return ExitCodes.WrongSwitches;
    }
}
