using System.Net;
using Broadcast.Grains.Hosting;
using Broadcast.Trees.Cluster;

namespace Broadcast.Grains.Tests.Hosting;

public class ClusterOptionsTests
{
    [Fact]
    public void Defaults_are_a_cluster_of_one_node_on_loopback()
    {
        var options = new ClusterOptions();
        Assert.Empty(options.Check());
        Assert.True(options.IsAlone);
        Assert.True(IPAddress.IsLoopback(options.Address));
    }

    [Fact]
    public void Other_addresses_than_loopback_need_a_secret()
    {
        var options = new ClusterOptions { Store = "redis://127.0.0.1", Address = IPAddress.Parse("192.0.2.7") };
        Assert.Contains("secret", Assert.Single(options.Check()), StringComparison.Ordinal);
        options.Secret = "0123456789abcdef";
        Assert.Empty(options.Check());
    }

    [Fact]
    public void A_node_without_a_store_stays_on_loopback_even_with_a_secret() =>
        Assert.Single(new ClusterOptions { Address = IPAddress.Parse("192.0.2.7"), Secret = "0123456789abcdef" }.Check());

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("a\n")]
    public void Names_of_nodes_are_checked(string nodeId) => Assert.Single(new ClusterOptions { NodeId = nodeId }.Check());

    [Fact]
    public void Everything_wrong_is_said_at_once()
    {
        var options = new ClusterOptions { Region = "", Zone = "", Roles = NodeRoles.None, SiloPort = 70000, Secret = "short", Address = IPAddress.Any, Store = "mysql://x" };
        var fault = Assert.Throws<InvalidDataException>(options.Validate);
        Assert.True(fault.Message.Split(Environment.NewLine).Length >= 7);
    }

    [Theory]
    [InlineData("redis:host")]
    [InlineData("host:6379")]
    [InlineData("mysql://host/db")]
    [InlineData("postgres://host/db")]
    [InlineData("postgres://user:hunter2@host")]
    [InlineData("redis://:hunter2@host/db")]
    public void Store_addresses_that_cannot_be_right_are_refused_without_showing_a_password(string store)
    {
        Assert.False(ClusterStore.TryParse(store, out _, out var fault));
        Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Redis_address_gives_user_password_port_and_database()
    {
        Assert.True(ClusterStore.TryParse("redis://me:p%40ss@store:7000/3", out var store, out _));
        var redis = store.ToRedis();
        Assert.Equal(("me", "p@ss", 3, false), (redis.User, redis.Password, redis.DefaultDatabase, redis.Ssl));
        Assert.Equal(new DnsEndPoint("store", 7000), Assert.Single(redis.EndPoints));
        Assert.Equal("redis://store:7000/3", store.Display);
    }

    [Fact]
    public void Postgres_address_gives_user_password_port_and_database()
    {
        Assert.True(ClusterStore.TryParse("postgres://me:p%40ss@store/live", out var store, out _));
        var postgres = new Npgsql.NpgsqlConnectionStringBuilder(store.ToPostgres());
        Assert.Equal(("store", 5432, "me", "p@ss", "live"), (postgres.Host, postgres.Port, postgres.Username, postgres.Password, postgres.Database));
        Assert.Equal("postgres://store:5432/live", store.Display);
    }
}
