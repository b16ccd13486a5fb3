using Broadcast.Server.Options;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Tests.Options;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Defaults_are_those_of_the_documents()
    {
        var options = Load([]);
        Assert.Equal((8080, 8443, 8181), (options.HttpPort, options.HttpsPort, options.MediaPort));
        Assert.Null(ServerOptionsCheck.FirstProblem(options));
    }

    [Theory]
    [InlineData("--http-port", "9000")]
    [InlineData("--http-port=9000")]
    [InlineData("--http-port", "1", "--http-port", "9000")]
    public void A_value_follows_its_switch_or_an_equals_sign(params string[] args) => Assert.Equal(9000, Load(args).HttpPort);

    [Fact]
    public void Flags_stand_alone_and_lists_may_repeat()
    {
        var options = Load(["--demo", "--host-ip", "10.0.0.1", "--dev-cert", "--host-ip", "::1"]);
        Assert.True(options.Demo);
        Assert.True(options.DevCert);
        Assert.Equal(["10.0.0.1", "::1"], options.HostIp);
    }

    [Theory]
    [InlineData("There is no switch --prot", "--prot", "1")]
    [InlineData("There is no switch serve", "serve")]
    [InlineData("--http-port needs a value", "--http-port")]
    [InlineData("--http-port needs a value", "--http-port", "--demo")]
    [InlineData("--data needs a value", "--data=")]
    public void A_wrong_switch_is_named(string error, params string[] args)
    {
        Assert.False(CommandLine.TryParse(args, out _, out var said));
        Assert.StartsWith(error, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_switch_wins_over_a_variable_and_a_variable_over_the_file()
    {
        var file = Path.Combine(_folder, "broadcast.json");
        File.WriteAllText(file, "{\"Broadcast\":{\"HttpPort\":1,\"MediaPort\":2,\"Region\":\"file\",\"HostIp\":[\"10.0.0.1\",\"10.0.0.2\"]}}");
        var environment = new Dictionary<string, string> { ["BROADCAST_HTTP_PORT"] = "11", ["BROADCAST_MEDIA_PORT"] = "12", ["BROADCAST_DEMO"] = "1" };
        var options = Load(["--config", file, "--http-port", "21", "--host-ip", "10.0.0.3"], environment);
        Assert.Equal((21, 12, "file"), (options.HttpPort, options.MediaPort, options.Region));
        Assert.True(options.Demo);
        Assert.Equal(["10.0.0.3"], options.HostIp);
    }

    [Fact]
    public void A_list_in_a_variable_is_separated_by_commas() =>
        Assert.Equal(["192.0.2.1", "192.0.2.2"], Load([], new() { ["BROADCAST_PUBLIC_IP"] = "192.0.2.1, 192.0.2.2" }).PublicIp);

    [Theory]
    [InlineData("{")]
    [InlineData(null)]
    public void A_file_that_cannot_be_read_is_named(string? content)
    {
        var file = Path.Combine(_folder, "broadcast.json");
        if (content is not null)
            File.WriteAllText(file, content);
        var exception = Assert.Throws<InvalidDataException>(() => Load(["--config", file]));
        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_property_has_a_switch_and_every_switch_is_in_help()
    {
        var properties = typeof(ServerOptions).GetProperties().Select(property => property.Name).Order();
        Assert.Equal(properties, Switches.All.Select(each => each.Key).Where(key => !key.Contains(':', StringComparison.Ordinal)).Order());
        var help = HelpText.Write();
        Assert.All(Switches.All, each => Assert.Contains($"  {each.Name} ", help, StringComparison.Ordinal));
    }

    private static ServerOptions Load(string[] args, Dictionary<string, string>? environment = null)
    {
        Assert.True(CommandLine.TryParse(args, out var commandLine, out var error), error);
        var options = new ServerOptions();
        Settings.Load(commandLine, name => environment?.GetValueOrDefault(name)).GetSection("Broadcast").Bind(options);
        return options;
    }
}
