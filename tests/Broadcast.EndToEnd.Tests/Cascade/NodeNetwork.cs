using System.Diagnostics;
using System.Globalization;

namespace Broadcast.EndToEnd.Tests.Cascade;

/// <summary>A network namespace for each node, with a bridge between them on which this process sits too. Linux, and root.</summary>
/// <remarks>Connections between two nodes can be cut while the packets of media still pass, as when a firewall forgets what it knew.</remarks>
public sealed class NodeNetwork : IAsyncDisposable
{
    private const int FirstHost = 11;

    private readonly string _name;
    private readonly string _subnet;
    private readonly string[] _nodes;

    private NodeNetwork(string[] nodes)
    {
        // Names of interfaces have at most 15 characters; others on this machine may do the same.
        var number = Environment.ProcessId % 10_000;
        _name = string.Create(CultureInfo.InvariantCulture, $"bc{number}");
        _subnet = string.Create(CultureInfo.InvariantCulture, $"10.211.{number % 250}");
        _nodes = nodes;
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "Network namespaces need Linux and root." : null;

    /// <summary>The address of this process.</summary>
    public string Gateway => _subnet + ".1";

    /// <summary>Makes the namespaces.</summary>
    public static async Task<NodeNetwork> CreateAsync(params string[] nodes)
    {
        var network = new NodeNetwork(nodes);
        try
        {
            await network.CreateAsync();
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a node.</summary>
    public string AddressOf(string node) => string.Create(CultureInfo.InvariantCulture, $"{_subnet}.{FirstHost + Array.IndexOf(_nodes, node)}");

    /// <summary>What is put before a node's command.</summary>
    public string[] Enter(string node) => ["ip", "netns", "exec", NamespaceOf(node)];

    /// <summary>Lets no TCP pass between a node and the others, in either direction.</summary>
    public Task IsolateAsync(string node) => RuleAsync("add", node);

    /// <summary>Lets it pass again.</summary>
    public Task RejoinAsync(string node) => RuleAsync("del", node);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await TryRunAsync("link", "del", OutsideOf(node));
            await TryRunAsync("netns", "del", NamespaceOf(node));
        }

        await TryRunAsync("link", "del", _name);
    }

    private async Task CreateAsync()
    {
        await RunAsync("link", "add", _name, "type", "bridge");
        await RunAsync("addr", "add", Gateway + "/24", "dev", _name);
        await RunAsync("link", "set", _name, "up");
        foreach (var node in _nodes)
        {
            var (inside, outside) = (NamespaceOf(node), OutsideOf(node));
            await RunAsync("netns", "add", inside);
            await RunAsync("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", inside);
            await RunAsync("link", "set", outside, "master", _name, "up");
            await RunAsync("-n", inside, "addr", "add", AddressOf(node) + "/24", "dev", "eth0");
            await RunAsync("-n", inside, "link", "set", "eth0", "up");
            await RunAsync("-n", inside, "link", "set", "lo", "up");
        }
    }

    private async Task RuleAsync(string what, string node)
    {
        foreach (var other in _nodes.Where(other => other != node))
        {
            await RunAsync("-n", NamespaceOf(node), "rule", what, "ipproto", "tcp", "to", AddressOf(other), "blackhole");
            await RunAsync("-n", NamespaceOf(other), "rule", what, "ipproto", "tcp", "to", AddressOf(node), "blackhole");
        }
    }

    private string OutsideOf(string node) => $"{_name}v{Array.IndexOf(_nodes, node)}";

    private string NamespaceOf(string node) => $"{_name}-{node}";

    private static async Task RunAsync(params string[] arguments)
    {
        var error = await ExecuteAsync(arguments);
        if (error.Length > 0) throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error}");
    }

    private static Task<string> TryRunAsync(params string[] arguments) => ExecuteAsync(arguments);

    private static async Task<string> ExecuteAsync(string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var error = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        return ip.ExitCode == 0 ? "" : error.Trim();
    }
}
