using Broadcast.EndToEnd.Tests.Browsers;
using Broadcast.EndToEnd.Tests.Server;

namespace Broadcast.EndToEnd.Tests;

/// <summary>What all tests share: one server and one Chromium. Each test has its own stream and its own tabs.</summary>
public sealed class Rig : IAsyncLifetime
{
    public ServerNode Node { get; private set; } = null!;

    public Chromium Chromium { get; private set; } = null!;

    /// <summary>Reads streams as an operator sees them.</summary>
    public StreamApi Api { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Node = await ServerNode.StartAsync();
        Api = new StreamApi(Node.Address, await Node.MintAsync("operate", "*"));
        Chromium = await Chromium.LaunchAsync();
    }

    public async Task DisposeAsync()
    {
        await Chromium.DisposeAsync();
        Api.Dispose();
        await Node.DisposeAsync();
    }
}

/// <summary>All tests of real clients, in one collection.</summary>
[CollectionDefinition(Name)]
public sealed class RealClients : ICollectionFixture<Rig>
{
    public const string Name = "Real clients";
}
