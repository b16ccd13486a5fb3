using Broadcast.Server.Commands;

namespace Broadcast.Server.Tests.Commands;

public sealed class ConfigCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_misspelt_key_ends_with_two_and_the_right_name()
    {
        var (code, _, errors) = Run("""{ "Broadcast": { "HtpPort": 9000, "RateLimit": { "PerAdress": 5 }, "Watch": { "Streams": { "any name": false } }, "Quality": { "Streams": { "*": { "MaxHeigth": 720 } } } } }""");
        Assert.Equal(ExitCodes.WrongSwitches, code);
        Assert.Contains("HtpPort. Did you mean HttpPort?", errors, StringComparison.Ordinal);
        Assert.Contains("RateLimit:PerAdress. Did you mean PerAddress?", errors, StringComparison.Ordinal);
        Assert.Contains("MaxHeigth. Did you mean MaxHeight?", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("any name", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_printed_with_their_source_and_without_secrets()
    {
        var (code, output, errors) = Run(
            """{ "Broadcast": { "HttpPort": 9000, "PublicIp": ["192.0.2.1"], "IceServers": { "TurnSecret": "opensesame" }, "Vod": { "Catalogue": "postgres://me:opensesame@db/b" } } }""", "--media-port", "9001");
        Assert.Equal("", errors);
        Assert.Equal(ExitCodes.Stopped, code);
        Assert.Contains($"HttpPort = 9000  ({_file})", output, StringComparison.Ordinal);
        Assert.Contains("MediaPort = 9001  (switch)", output, StringComparison.Ordinal);
        Assert.Contains("HttpsPort = 8443  (default)", output, StringComparison.Ordinal);
        Assert.Contains("PublicIp:0 = 192.0.2.1", output, StringComparison.Ordinal);
        Assert.Contains("postgres://***@db/b", output, StringComparison.Ordinal);
        Assert.DoesNotContain("opensesame", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Broadcast": { "HttpPort": 70000 } }""", "HttpPort")]
    [InlineData("""{ "Broadcast": { "HttpPort": "many" } }""", "HttpPort")]
    [InlineData("""{ "Broadcast": { "RateLimit": { "BurstSeconds": 0 } } }""", "BurstSeconds")]
    [InlineData("""{ "Broadcast": """, "cannot be read")]
    public void A_value_that_breaks_its_rule_ends_with_two(string text, string word)
    {
        var (code, _, errors) = Run(text);
        Assert.Equal(ExitCodes.WrongSwitches, code);
        Assert.Contains(word, errors, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Errors) Run(string file, params string[] more)
    {
        File.WriteAllText(_file, file);
        using var output = new StringWriter();
        using var errors = new StringWriter();
        string[] args = ["check", "--config", _file, .. more];
        return (ConfigCommand.Run(args, output, errors), output.ToString(), errors.ToString());
    }
}
