using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Broadcast.MediaNode.Udp;
using Broadcast.Server.Commands;
using Broadcast.Server.Doctor;
using Broadcast.Server.Options;
using Broadcast.Signalling.Http;
using Microsoft.Extensions.Configuration;

namespace Broadcast.Server.Tests.Doctor;

/// <summary>Each check with what it is there for really broken.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_port_held_by_another_program_fails_and_names_its_switch()
    {
        using var taken = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        taken.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        taken.Listen();
        var options = new ServerOptions { HttpPort = 0, MediaPort = ((IPEndPoint)taken.LocalEndPoint!).Port, Data = _folder };
        var findings = await LookAsync(options);
        var held = findings.Single(finding => finding.Check == "media port tcp");
        Assert.Equal(Verdict.Fail, held.Verdict);
        Assert.Contains("--media-port", held.Message, StringComparison.Ordinal);
        Assert.Equal(Verdict.Ok, findings.Single(finding => finding.Check == "media port udp").Verdict);
    }

    [Fact]
    public async Task A_dead_store_fails_without_showing_its_password()
    {
        var findings = await StoreCheck.RunAsync($"redis://:opensesame@127.0.0.1:{ClosedPort()}", TimeProvider.System);
        Assert.Equal(Verdict.Fail, findings[0].Verdict);
        Assert.DoesNotContain(findings, finding => finding.Message.Contains("opensesame", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, nameof(Verdict.Ok))]
    [InlineData(-60, nameof(Verdict.Warn))]
    [InlineData(60, nameof(Verdict.Warn))]
    public void A_clock_that_differs_from_the_store_warns(int seconds, string verdict) =>
        Assert.Equal(verdict, StoreCheck.Compare(TimeSpan.FromSeconds(seconds)).Verdict.ToString());

    [Fact]
    public void Small_buffers_warn_with_the_command_that_mends_them()
    {
        var findings = SocketChecks.Buffers(new DatagramSocketOptions(), 212_992, file => file.StartsWith("/proc/sys/net/core/", StringComparison.Ordinal) ? "212992\n" : null).ToList();
        Assert.All(findings, finding => Assert.Equal(Verdict.Warn, finding.Verdict));
        Assert.Contains("sysctl -w net.core.rmem_max=4194304", findings[0].Message, StringComparison.Ordinal);
        Assert.Contains("sysctl -w net.core.wmem_max=4194304", findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Few_open_files_warn() =>
        Assert.Equal(Verdict.Warn, LimitCheck.Run(20_000, _ => "Limit  Soft  Hard  Units\nMax open files            1024                 4096                 files     \n").Verdict);

    [Theory]
    [InlineData(-1, nameof(Verdict.Fail), "expired")]
    [InlineData(5, nameof(Verdict.Warn), "expires")]
    [InlineData(90, nameof(Verdict.Ok), "valid until")]
    public void A_certificate_is_judged_by_its_end(int days, string verdict, string word)
    {
        var finding = CertificateCheck.Run(WithCertificate(DateTimeOffset.UtcNow.AddDays(days), otherKey: false), DateTimeOffset.UtcNow);
        Assert.Equal(verdict, finding.Verdict.ToString());
        Assert.Contains(word, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_certificate_fails() =>
        Assert.Equal(Verdict.Fail, CertificateCheck.Run(WithCertificate(DateTimeOffset.UtcNow.AddDays(90), otherKey: true), DateTimeOffset.UtcNow).Verdict);

    [Theory]
    [InlineData(nameof(Verdict.Warn), "10.0.0.5", "fd00::1", "127.0.0.1")]
    [InlineData(nameof(Verdict.Ok), "10.0.0.5", "8.8.8.8")]
    public void Private_addresses_alone_warn(string verdict, params string[] addresses) =>
        Assert.Equal(verdict, AddressCheck.Run(new ServerOptions(), addresses.Select(IPAddress.Parse)).Verdict.ToString());

    [Fact]
    public void A_folder_that_cannot_be_written_fails()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.Equal(Verdict.Fail, FolderCheck.Run("data folder", file).Verdict);
        Assert.Equal(Verdict.Fail, FolderCheck.Run("data folder", "/proc/self/nothing").Verdict);
        Assert.Equal(Verdict.Ok, FolderCheck.Run("data folder", Path.Combine(_folder, "not", "yet")).Verdict);
    }

    [Theory]
    [InlineData("ffmpeg version 4.4.2-0ubuntu Copyright", nameof(Verdict.Fail))]
    [InlineData("ffmpeg version 5.1.9-0+deb12u1 Copyright", nameof(Verdict.Ok))]
    [InlineData("ffmpeg version n8.0 Copyright", nameof(Verdict.Ok))]
    public void Old_ffmpeg_fails(string line, string verdict) => Assert.Equal(verdict, FfmpegCheck.Version("ffmpeg", line).Verdict.ToString());

    [Fact]
    public async Task A_turn_server_that_is_not_there_fails()
    {
        var options = new IceServerOptions { TurnSecret = "secret" };
        options.TurnUrls.Add($"turn:127.0.0.1:{ClosedPort()}?transport=tcp");
        Assert.Equal(Verdict.Fail, Assert.Single(await TurnCheck.RunAsync(options, TimeProvider.System)).Verdict);
    }

    [Fact]
    public async Task The_command_ends_with_one_and_writes_json_for_machines()
    {
        using var output = new StringWriter();
        string[] args = ["--json", "--data", _folder, "--http-port", "0", "--media-port", "0", "--cluster", $"redis://127.0.0.1:{ClosedPort()}"];
        Assert.Equal(ExitCodes.Failed, await DoctorCommand.RunAsync(args, output, output));
        using var json = JsonDocument.Parse(output.ToString());
        Assert.Contains(json.RootElement.EnumerateArray(), finding => finding.GetProperty("check").GetString() == "cluster store" && finding.GetProperty("verdict").GetString() == "fail");
    }

    private static Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options) =>
        DoctorCommand.LookAsync(options, new ConfigurationBuilder().Build().GetSection("Broadcast"), _ => null, TimeProvider.System);

    private static int ClosedPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private ServerOptions WithCertificate(DateTimeOffset until, bool otherKey)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(until.AddDays(-100), until);
        var options = new ServerOptions { Cert = Path.Combine(_folder, "cert.pem"), Key = Path.Combine(_folder, "key.pem") };
        File.WriteAllText(options.Cert, certificate.ExportCertificatePem());
        File.WriteAllText(options.Key, (otherKey ? other : key).ExportPkcs8PrivateKeyPem());
        return options;
    }
}
