using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Rtc.Stun;
using Broadcast.Signalling.Http;

namespace Broadcast.Server.Doctor;

/// <summary>Does each configured TURN server allocate with the credentials that clients get (RFC 8656 §7)?</summary>
internal static class TurnCheck
{
    private const ushort AllocateRequest = 0x0003, AllocateSuccess = 0x0103, RefreshRequest = 0x0004;
    private const ushort Lifetime = 0x000D, RequestedTransport = 0x0019;
    private const uint Udp = 17u << 24;
    private const int Unauthorized = 401;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Finding>> RunAsync(IceServerOptions options, TimeProvider time)
    {
        if (options.TurnUrls.Count == 0) return [Finding.Ok("turn", "none configured")];
        if (string.IsNullOrEmpty(options.TurnSecret)) return [Finding.Fail("turn", "IceServers:TurnUrls is set without IceServers:TurnSecret, so clients are not told. Set the static-auth-secret of coturn.")];
        var findings = new List<Finding>();
        foreach (var url in options.TurnUrls) findings.Add(await OneAsync(url, TurnCredentials.ForSession(options.TurnSecret, "doctor", time.GetUtcNow() + TimeSpan.FromMinutes(5))));
        return findings;
    }

    private static async Task<Finding> OneAsync(string url, TurnCredentials credentials)
    {
        var check = $"turn {url}";
        if (!TryParse(url, out var host, out var port, out var tcp, out var tls)) return Finding.Fail(check, "is no address such as turn:turn.example.net:3478?transport=udp.");
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await using var connection = await ConnectAsync(host, port, tcp, tls, limit.Token);
            var refused = await AskAsync(connection, Request(AllocateRequest, null, credentials), limit.Token);
            if (refused.Error != Unauthorized) return Finding.Fail(check, $"answers an allocation without credentials by {Describe(refused)}, not 401. Use coturn with use-auth-secret.");
            var granted = await AskAsync(connection, Request(AllocateRequest, refused, credentials), limit.Token);
            if (granted.Type != AllocateSuccess) return Finding.Fail(check, $"refuses the credentials that clients get: {Describe(granted)}. IceServers:TurnSecret has to be coturn's static-auth-secret, and the clocks have to agree.");
            await AskAsync(connection, Request(RefreshRequest, refused, credentials), limit.Token);
            return Finding.Ok(check, "allocates with the credentials that clients get");
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or AuthenticationException)
        {
            var why = exception is OperationCanceledException ? $"no answer within {Patience.TotalSeconds} s" : exception.Message;
            return Finding.Fail(check, $"{why.TrimEnd('.')}. Start it, open its port, check the address.");
        }
    }

    internal static bool TryParse(string url, out string host, out int port, out bool tcp, out bool tls)
    {
        (host, port, tcp, tls) = ("", 0, false, url.StartsWith("turns:", StringComparison.Ordinal));
        if (!tls && !url.StartsWith("turn:", StringComparison.Ordinal)) return false;
        var rest = url[(url.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('?', 2);
        tcp = tls || (rest.Length > 1 && rest[1] == "transport=tcp");
        if (!Uri.TryCreate("turn://" + rest[0], UriKind.Absolute, out var address) || address.Host.Length == 0) return false;
        (host, port) = (address.DnsSafeHost, address.Port > 0 ? address.Port : tls ? 5349 : 3478);
        return true;
    }

    private static async Task<Stream> ConnectAsync(string host, int port, bool tcp, bool tls, CancellationToken cancellation)
    {
        var address = (await Dns.GetHostAddressesAsync(host, cancellation)).FirstOrDefault() ?? throw new SocketException((int)SocketError.HostNotFound);
        var socket = tcp ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) : new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            await socket.ConnectAsync(address, port, cancellation);
            if (!tcp) return new DatagramStream(socket);
            var plain = new NetworkStream(socket, ownsSocket: true);
            if (!tls) return plain;
            var secure = new SslStream(plain);
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellation);
            return secure;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static byte[] Request(ushort type, Answer? challenge, TurnCredentials credentials)
    {
        var buffer = new byte[1024];
        var builder = new StunMessageBuilder(buffer, type, RandomNumberGenerator.GetBytes(12));
        if (type == AllocateRequest) builder.AppendUInt32(RequestedTransport, Udp);
        // A lifetime of nothing gives the allocation back.
        else builder.AppendUInt32(Lifetime, 0);
        byte[] key = [];
        if (challenge is not null)
        {
            builder.AppendBytes(StunAttributeType.Username, Encoding.UTF8.GetBytes(credentials.Username));
            builder.AppendBytes(StunAttributeType.Realm, challenge.Realm);
            builder.AppendBytes(StunAttributeType.Nonce, challenge.Nonce);
            key = LongTermKey(credentials, challenge.Realm);
        }

        return buffer[..builder.Finish(key)];
    }

    // The protocol's own key (RFC 8489 §9.2.2), not a choice.
#pragma warning disable CA5351
    private static byte[] LongTermKey(TurnCredentials credentials, byte[] realm) =>
        MD5.HashData(Encoding.UTF8.GetBytes($"{credentials.Username}:{Encoding.UTF8.GetString(realm)}:{credentials.Credential}"));
#pragma warning restore CA5351

    private static async Task<Answer> AskAsync(Stream connection, byte[] request, CancellationToken cancellation)
    {
        // A datagram may get lost; it is asked again twice a second.
        var message = new byte[2048];
        while (true)
        {
            await connection.WriteAsync(request, cancellation);
            using var again = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (connection is DatagramStream) again.CancelAfter(TimeSpan.FromMilliseconds(500));
            try
            {
                var length = await connection.ReadAtLeastAsync(message, 20, throwOnEndOfStream: true, again.Token);
                var total = Math.Min(message.Length, 20 + BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(2)));
                if (length < total) await connection.ReadExactlyAsync(message.AsMemory(length, total - length), again.Token);
                if (message.AsSpan(8, 12).SequenceEqual(request.AsSpan(8, 12))) return Answer.Read(message.AsSpan(0, total));
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Ask again.
            }
        }
    }

    private static string Describe(Answer answer) => answer.Error > 0 ? $"error {answer.Error}" : $"message type 0x{answer.Type:x4}";

    private sealed record Answer(ushort Type, int Error, byte[] Realm, byte[] Nonce)
    {
        public static Answer Read(ReadOnlySpan<byte> message)
        {
            int error = 0;
            byte[] realm = [], nonce = [];
            for (var rest = message[20..]; rest.Length >= 4;)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
                if (4 + length > rest.Length) break;
                var value = rest.Slice(4, length);
                switch (BinaryPrimitives.ReadUInt16BigEndian(rest))
                {
                    case StunAttributeType.ErrorCode when length >= 4:
                        error = ((value[2] & 7) * 100) + value[3];
                        break;
                    case StunAttributeType.Realm:
                        realm = value.ToArray();
                        break;
                    case StunAttributeType.Nonce:
                        nonce = value.ToArray();
                        break;
                }

                rest = rest[Math.Min(rest.Length, 4 + ((length + 3) & ~3))..];
            }

            return new Answer(BinaryPrimitives.ReadUInt16BigEndian(message), error, realm, nonce);
        }
    }
}
