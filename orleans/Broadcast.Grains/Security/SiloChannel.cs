using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Broadcast.Grains.Security;

/// <summary>Encrypts the connections between silos and proves by the cluster secret that both ends belong to the cluster.</summary>
/// <remarks>
/// TLS 1.3 with a certificate that each process makes for itself and that nobody signs. Then either end sends an HMAC, keyed by the
/// secret, over both certificates: whoever sits in between has shown another certificate to one of them and is found out, and a proof
/// that was overheard is worth nothing without the certificate's private key. The connecting side proves first, so a
/// stranger who connects learns nothing that depends on the secret.
/// </remarks>
internal sealed partial class SiloChannel : IDisposable
{
    private const int KeyRounds = 100_000;
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(1);

    private readonly byte[] _key;
    private readonly X509Certificate2 _certificate;
    private readonly ILogger _logger;
    private long _refused;
    private long _saidAt;

    public SiloChannel(string secret, string clusterId, ILogger logger)
    {
        _key = Rfc2898DeriveBytes.Pbkdf2(secret, Encoding.UTF8.GetBytes("broadcast silo " + clusterId), KeyRounds, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        _certificate = MakeCertificate();
        _logger = logger;
    }

    /// <summary>Connections that could not prove themselves, in either direction.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Middleware for connections from other silos.</summary>
    public Task AcceptAsync(ConnectionContext connection, ConnectionDelegate next) => SecureAsync(connection, next, connecting: false);

    /// <summary>Middleware for connections to other silos.</summary>
    public Task ConnectAsync(ConnectionContext connection, ConnectionDelegate next) => SecureAsync(connection, next, connecting: true);

    public void Dispose() => _certificate.Dispose();

    private async Task SecureAsync(ConnectionContext connection, ConnectionDelegate next, bool connecting)
    {
        var plain = connection.Transport;
        await using var stream = new SslStream(new DuplexPipeStream(plain), leaveInnerStreamOpen: false);
        try
        {
            using var timeout = new CancellationTokenSource(HandshakeTimeout);
            await using var abort = timeout.Token.UnsafeRegister(static state => ((ConnectionContext)state!).Abort(), connection);
            await HandshakeAsync(stream, connecting, timeout.Token);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException or ConnectionAbortedException)
        {
            var refused = Interlocked.Increment(ref _refused);
            // A silo of another cluster tries again several times a second: it is said once in a while, and counted.
            if (IsTimeToSay()) LogRefused(connection.RemoteEndPoint?.ToString() ?? "unknown", exception.Message, refused);
            if (connecting) throw new ConnectionAbortedException("The other silo did not prove that it belongs to the cluster.", exception);
            return;
        }

        var secured = new SecuredTransport(stream);
        try
        {
            connection.Transport = secured;
            await next(connection);
        }
        finally
        {
            await secured.CompleteAsync();
            connection.Transport = plain;
        }
    }

    private async Task HandshakeAsync(SslStream stream, bool connecting, CancellationToken cancellation)
    {
        if (connecting)
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "broadcast",
                    ClientCertificates = [_certificate],
                    LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = AnyCertificate,
                },
                cancellation);
        }
        else
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = _certificate,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = AnyCertificate,
                },
                cancellation);
        }

        var remote = stream.RemoteCertificate ?? throw new AuthenticationException("The other silo showed no certificate.");
        var mine = _certificate.GetCertHash(HashAlgorithmName.SHA256);
        var theirs = remote.GetCertHash(HashAlgorithmName.SHA256);
        if (mine.AsSpan().SequenceEqual(theirs)) throw new AuthenticationException("The other end is this silo itself.");
        var (client, server) = connecting ? (mine, theirs) : (theirs, mine);
        if (connecting)
        {
            await stream.WriteAsync(Proof("client", client, server), cancellation);
            await ExpectAsync(stream, Proof("server", client, server), cancellation);
        }
        else
        {
            await ExpectAsync(stream, Proof("client", client, server), cancellation);
            await stream.WriteAsync(Proof("server", client, server), cancellation);
        }
    }

    private static async Task ExpectAsync(SslStream stream, byte[] expected, CancellationToken cancellation)
    {
        var received = new byte[expected.Length];
        await stream.ReadExactlyAsync(received, cancellation);
        if (!CryptographicOperations.FixedTimeEquals(received, expected)) throw new AuthenticationException("The other silo has another cluster secret.");
    }

    private byte[] Proof(string role, byte[] client, byte[] server) => HMACSHA256.HashData(_key, (byte[])[.. Encoding.ASCII.GetBytes(role), .. client, .. server]);

    // Not the name in the certificate counts but the proof over it that follows.
    private static bool AnyCertificate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=broadcast silo", key, HashAlgorithmName.SHA256);
        // Valid for all clocks: a node whose clock is off by hours is still a member.
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private bool IsTimeToSay()
    {
        var now = Environment.TickCount64;
        var said = Interlocked.Read(ref _saidAt);
        return (said == 0 || now - said >= (long)SayAgain.TotalMilliseconds) && Interlocked.CompareExchange(ref _saidAt, now, said) == said;
    }

    [LoggerMessage(101, LogLevel.Warning, "Refused a silo connection with {Peer}: {Reason} {Refused} refused since the start")]
    private partial void LogRefused(string peer, string reason, long refused);

    private sealed class SecuredTransport(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

        public async ValueTask CompleteAsync()
        {
            await Input.CompleteAsync();
            try
            {
                await Output.CompleteAsync();
            }
            catch (Exception exception) when (exception is IOException or ConnectionAbortedException or InvalidOperationException)
            {
                // The connection broke first; there is nobody to flush to.
            }
        }
    }
}
