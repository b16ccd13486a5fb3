using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Broadcast.Server.Tests.Hosting;

/// <summary>A renewed certificate counts without a restart, and disturbs nobody.</summary>
public sealed class CertificateKeeperTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("broadcast-tests-").FullName;

    private string Cert => Path.Combine(_folder, "cert.pem");

    private string Key => Path.Combine(_folder, "key.pem");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task New_files_are_for_new_connections_and_broken_ones_for_nobody()
    {
        Write("CN=one");
        using var node = Start();
        try
        {
            await RenewAsync(node);
        }
        finally
        {
            node.Kill();
            await node.WaitForExitAsync();
        }
    }

    private async Task RenewAsync(Process node)
    {
        var port = await PortAsync(node);
        using var old = await ConnectAsync(port);
        Assert.Equal("CN=one", old.RemoteCertificate!.Subject);

        Write("CN=two");
        await HangUpAsync(node, "New certificate");
        using (var next = await ConnectAsync(port)) Assert.Equal("CN=two", next.RemoteCertificate!.Subject);
        await AssertServedAsync(old);

        File.WriteAllText(Cert, "no certificate");
        await HangUpAsync(node, "is not used");
        using (var next = await ConnectAsync(port)) Assert.Equal("CN=two", next.RemoteCertificate!.Subject);
    }

    private static async Task HangUpAsync(Process node, string logged)
    {
        Process.Start("kill", ["-HUP", node.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();
        await ReadUntilAsync(node, logged);
    }

    private static async Task<string> ReadUntilAsync(Process node, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await node.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        }

        throw new InvalidOperationException($"The node ended: {await node.StandardError.ReadToEndAsync()}");
    }

    private static async Task<int> PortAsync(Process node)
    {
        var port = new Uri((await ReadUntilAsync(node, "https  "))["https ".Length..].Trim()).Port;
        await ReadUntilAsync(node, "ready ");
        return port;
    }

    private static async Task<SslStream> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), false, (_, certificate, _, _) => certificate is not null);
        await stream.AuthenticateAsClientAsync("localhost");
        return stream;
    }

    private static async Task AssertServedAsync(SslStream connection)
    {
        await connection.WriteAsync("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(connection, leaveOpen: true);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync());
    }

    private void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Cert, certificate.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
    }

    private Process Start() => Process.Start(new ProcessStartInfo("dotnet",
    [
        Path.Combine(AppContext.BaseDirectory, "broadcast.dll"), "--http-port", "0", "--https-port", "0", "--media-port", "0", "--workers", "1", "--cert", Cert, "--key", Key,
    ])
    { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder })!;
}
