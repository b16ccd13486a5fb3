using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;

namespace Broadcast.Grains.Tests.Servers;

/// <summary>Redis with a password.</summary>
public sealed class RedisServer : ServerProcess
{
    public const string Password = "p@ss/word";

    public override string Url => $"redis://:{Uri.EscapeDataString(Password)}@127.0.0.1:{Port}/2";

    /// <summary>Everything stored is gone, as with a server that came back without its files.</summary>
    public async Task ForgetAsync()
    {
        var options = ConfigurationOptions.Parse($"127.0.0.1:{Port},allowAdmin=true");
        options.Password = Password;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        await connection.GetServers()[0].FlushAllDatabasesAsync();
    }

    protected override string ReadyText => "Ready to accept connections";

    protected override ProcessStartInfo StartInfo() => new(
        "redis-server",
        [
            "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", Folder, "--requirepass", Password,
            "--appendonly", "yes", "--save", "", "--daemonize", "no",
        ]);
}
