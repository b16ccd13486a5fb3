using System.Net.NetworkInformation;
using System.Net.Sockets;
using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;
using Broadcast.Testing.Network;

namespace Broadcast.EndToEnd.Tests;

/// <summary>What all tests share: one server and one Chromium. Each test has its own stream and its own tabs.</summary>
public class Rig : IAsyncLifetime
{
    public ServerNode Node { get; private set; } = null!;

    public Chromium Chromium { get; private set; } = null!;

    /// <summary>Reads streams as an operator sees them.</summary>
    public StreamApi Api { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Node = await StartNodeAsync();
        Api = new StreamApi(Node.Address, await Node.MintAsync("operate", "*"));
        Chromium = await Chromium.LaunchAsync();
    }

    public async Task DisposeAsync()
    {
        await Chromium.DisposeAsync();
        Api.Dispose();
        await Node.DisposeAsync();
    }

    protected virtual Task<ServerNode> StartNodeAsync() => ServerNode.StartAsync();
}

/// <summary>The same with a node that also offers an address of the machine, for clients that never pair with a loopback one.</summary>
public sealed class HostRig : Rig
{
    protected override Task<ServerNode> StartNodeAsync()
    {
        var address = NetworkInterface.GetAllNetworkInterfaces()
            .Where(each => each.OperationalStatus == OperationalStatus.Up && each.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(each => each.GetIPProperties().UnicastAddresses)
            .FirstOrDefault(each => each.Address.AddressFamily == AddressFamily.InterNetwork)?.Address
            ?? throw new InvalidOperationException("This machine has no IPv4 address but loopback, over which Firefox makes no connection.");
        return ServerNode.StartAsync(address.ToString(), FreePorts.Find(), "--host-ip", "127.0.0.1");
    }
}

/// <summary>All tests of real clients, in one collection.</summary>
[CollectionDefinition(Name)]
public sealed class RealClients : ICollectionFixture<Rig>
{
    public const string Name = "Real clients";
}

/// <summary>Tests of clients that need an address of the machine.</summary>
[CollectionDefinition(Name)]
public sealed class ClientsOfHostAddresses : ICollectionFixture<HostRig>
{
    public const string Name = "Clients of host addresses";
}
