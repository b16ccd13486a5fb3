using Broadcast.Server.Options;

namespace Broadcast.Server.Tests.Options;

public class ServerOptionsCheckTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("10.0.0.1", true)]
    [InlineData("0.0.0.0", true)]
    public void No_auth_is_refused_where_others_can_reach_the_node(string? hostIp, bool refused)
    {
        var options = new ServerOptions { NoAuth = true };
        if (hostIp is not null)
            options.HostIp.Add(hostIp);
        Assert.Equal(refused, ServerOptionsCheck.FirstProblem(options) is not null);
        options.IKnow = true;
        Assert.Null(ServerOptionsCheck.FirstProblem(options));
    }

    [Theory]
    [InlineData("localhost", null)]
    [InlineData("", null)]
    [InlineData("redis://localhost:6379", null)]
    [InlineData("postgres://user@host/db", null)]
    [InlineData("3", "is for ./run")]
    [InlineData("http://example.net", "redis:// and postgres:// are known")]
    [InlineData("postgres://host/db", "needs a user and a database")]
    public void A_cluster_has_a_store(string cluster, string? sentence)
    {
        var problem = ServerOptionsCheck.FirstProblem(new ServerOptions { Cluster = cluster });
        if (sentence is null)
            Assert.Null(problem);
        else
            Assert.Contains(sentence, problem, StringComparison.Ordinal);
    }

    public static TheoryData<ServerOptions, string> Wrong => new()
    {
        { new ServerOptions { HttpPort = 70000 }, "HttpPort" },
        { new ServerOptions { Roles = "ingest,chef" }, "chef" },
        { new ServerOptions { Region = "a b" }, "--region" },
        { new ServerOptions { Zone = "" }, "--zone" },
        { new ServerOptions { NodeId = new string('a', 65) }, "--node-id" },
        { new ServerOptions { Cert = "/no/such/file.pem" }, "/no/such/file.pem" },
        { new ServerOptions { LogLevel = "loud" }, "loud" },
        { new ServerOptions { DrainTimeout = -1 }, "DrainTimeout" },
        { new ServerOptions { Cluster = "redis://localhost", SiloIp = "10.0.0.1" }, "needs a cluster secret" },
        { new ServerOptions { Cluster = "redis://localhost", PublicUrl = "node" }, "--public-url" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_named(ServerOptions options, string named) =>
        Assert.Contains(named, ServerOptionsCheck.FirstProblem(options), StringComparison.Ordinal);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("10.0.0.1:80")]
    public void An_address_must_be_one(string address)
    {
        var options = new ServerOptions();
        options.PublicIp.Add(address);
        Assert.Contains(address, ServerOptionsCheck.FirstProblem(options), StringComparison.Ordinal);
    }
}
