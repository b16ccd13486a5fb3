using System.Text;

namespace Broadcast.Server.Options;

/// <summary>What --help prints.</summary>
public static class HelpText
{
    /// <summary>Complete: every command, switch, key and variable.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        text.AppendLine("broadcast: live streaming by WebRTC. One publisher, any number of viewers.");
        text.AppendLine();
        text.AppendLine("  ./run [switches]                                    start a node, stop it with Ctrl-C");
        text.AppendLine("  ./run token --scope SCOPES --stream NAME [--ttl 24h] [--data DIR] [--config FILE]");
        text.AppendLine("                                                      print a token; scopes: publish, watch, operate");
        text.AppendLine("  ./run tree NAME [--server URL] [--token TOKEN] [--data DIR] [--config FILE]");
        text.AppendLine("                                                      print which nodes have a stream, and from whom");
        text.AppendLine("  ./run usage export [--from TIME] [--to TIME] [--stream NAME] [--csv | --json] [--data DIR] [--config FILE]");
        text.AppendLine("                                                      print who published and watched, from this node's records");
        text.AppendLine("  ./run doctor [--json] [switches]                    look whether this machine and configuration can serve, and say what to do");
        text.AppendLine("  ./run config check|print [switches]                 check the configuration, print each value and where it comes from");
        text.AppendLine("  ./run --cluster N [switches]                        start N nodes (2 to 9) and their Redis on this machine, for development");
        text.AppendLine("  ./run --help | --version");
        text.AppendLine();
        text.AppendLine("Switches, with defaults in parentheses:");
        text.AppendLine($"  {"--config FILE",-24}Configuration file ({Settings.DefaultFile} when it exists).");
        foreach (var each in Switches.All)
            text.AppendLine($"  {$"{each.Name} {each.Value}",-23} {each.Help}");
        text.AppendLine();
        text.AppendLine("Each switch is also an environment variable (--http-port: BROADCAST_HTTP_PORT, lists with commas)");
        text.AppendLine("and a key of the configuration file (\"Broadcast\": { \"HttpPort\": 8080 }); deploy/broadcast.sample.json");
        text.AppendLine("shows all keys. A switch wins over a variable, a variable over the file.");
        text.AppendLine();
        text.AppendLine("Addresses: pages / /publish /watch/NAME /operate, WHIP /whip/NAME, WHEP /whep/NAME,");
        text.AppendLine("REST /api/v1 (described by /api/v1/openapi.json), /health/live, /health/ready, /metrics.");
        text.AppendLine();
        text.AppendLine("Exit codes: 0 stopped, 1 could not start (for example: port in use) or no answer, 2 wrong switches.");
        return text.ToString();
    }
}
