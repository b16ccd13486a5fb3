using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Client.Connections;
using Broadcast.Client.Signalling;
using Broadcast.Rtc.Stun;

namespace Broadcast.LoadTest.Flood;

/// <summary>Somebody who wants a server of one's own not to serve others: requests and datagrams from one address, as fast as told.</summary>
/// <remarks>
/// Requests: offers of viewers without a token, and offers of publishers with a bad one. Datagrams in turn: checks with the true name of a session and a
/// wrong password, checks for sessions that do not exist, and bytes at random that look like STUN, DTLS or RTP by the first of them.
/// </remarks>
public sealed class FloodRun
{
    private const int Kinds = 5;
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(10);

    private readonly FloodOptions _options;
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private readonly string _offer;
    private long _sent;
    private long _answered;

    /// <param name="options">Whom, from where, how much.</param>
    public FloodRun(FloodOptions options)
    {
        _options = options;
        var fingerprint = string.Join(':', Enumerable.Repeat("AB", 32));
        _offer = OfferWriter.Write(new LocalDescription
        {
            Ice = new IceParameters("flood", "nobodyKnowsThisPassword0"),
            Fingerprint = fingerprint,
            Candidate = null,
            Sends = false,
            Codec = null,
            WithAudio = true,
        });
    }

    /// <summary>Begins, and ends after the time or when told.</summary>
    /// <exception cref="InvalidOperationException">The server let the first offer in by none of its addresses.</exception>
    public async Task<FloodResult> RunAsync(CancellationToken cancellation)
    {
        using var client = Client();
        var (media, session) = await AimAsync(client, cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(_options.Duration);
        var datagrams = Task.Factory.StartNew(() => Send(media, session, end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll([datagrams, .. Enumerable.Range(0, _options.Connections).Select(number => PostAsync(client, number, end.Token))]);
        return new FloodResult(_answers.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(), _sent, _answered);
    }

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(_options.From.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(_options.From, 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = _options.Server,
        Timeout = RequestLimit,
    };

    /// <summary>Where media are taken, and how the server calls a session: all of it is told to anybody who may watch.</summary>
    private async Task<(IPEndPoint Media, string Fragment)> AimAsync(HttpClient client, CancellationToken cancellation)
    {
        using var response = await client.PostAsync($"/whep/{_options.Stream}", Offer(), cancellation);
        var lines = (await response.Content.ReadAsStringAsync(cancellation)).Split("\r\n");
        var candidate = lines.FirstOrDefault(line => line.StartsWith("a=candidate:", StringComparison.Ordinal) && line.Contains(" udp ", StringComparison.OrdinalIgnoreCase))?.Split(' ')
            ?? throw new InvalidOperationException($"The server answered {(int)response.StatusCode}, and no address for media.");
        var fragment = lines.First(line => line.StartsWith("a=ice-ufrag:", StringComparison.Ordinal))["a=ice-ufrag:".Length..];
        return (new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5], CultureInfo.InvariantCulture)), fragment);
    }

    private StringContent Offer()
    {
        var content = new StringContent(_offer);
        content.Headers.ContentType = new("application/sdp");
        return content;
    }

    private async Task PostAsync(HttpClient client, int number, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var publishes = number % 2 == 0;
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/{(publishes ? "whip" : "whep")}/{_options.Stream}") { Content = Offer() };
            if (publishes) request.Headers.Authorization = new("Bearer", $"guess-{Guid.NewGuid()}");
            try
            {
                using var response = await client.SendAsync(request, end);
                _answers.AddOrUpdate(((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), 1, (_, count) => count + 1);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                _answers.AddOrUpdate("none", 1, (_, count) => count + 1);
            }
        }
    }

    private void Send(IPEndPoint media, string fragment, CancellationToken end)
    {
        using var socket = new Socket(_options.From.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Bind(new IPEndPoint(_options.From, 0));
        var target = media.Serialize();
        var buffer = new byte[1500];
        var begun = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            var due = (long)(Stopwatch.GetElapsedTime(begun).TotalSeconds * _options.PacketsPerSecond);
            for (; _sent < due; _sent++)
            {
                var length = Write(buffer, fragment, (int)(_sent % Kinds));
                try
                {
                    socket.SendTo(buffer.AsSpan(0, length), SocketFlags.None, target);
                }
                catch (SocketException)
                {
                    // The kernel takes no more; the next is due all the same.
                }
            }

            for (; socket.Available > 0; _answered++) socket.Receive(buffer);
            Thread.Sleep(1);
        }
    }

    private static int Write(Span<byte> buffer, string fragment, int kind)
    {
        if (kind < 2)
        {
            Span<byte> random = stackalloc byte[32];
            RandomNumberGenerator.Fill(random);
            var name = Encoding.ASCII.GetBytes(kind == 0 ? $"{fragment}:flood" : $"{Convert.ToHexString(random[..4])}:flood");
            return StunWriter.WriteBindingRequest(buffer, random[..12], name, random[12..], priority: 1, tieBreaker: 1, controlling: true, useCandidate: true);
        }

        var length = RandomNumberGenerator.GetInt32(20, 1200);
        RandomNumberGenerator.Fill(buffer[..length]);
        buffer[0] = kind switch { 2 => (byte)(buffer[0] % 2), 3 => (byte)(20 + (buffer[0] % 44)), _ => (byte)(128 + (buffer[0] % 64)) };
        return length;
    }
}
