using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Broadcast.Signalling.Auth;

/// <summary>Fetches the key sets of other issuers (JWKS, RFC 7517), and again from time to time: they change their keys.</summary>
/// <remarks>The last good set of each issuer stays when it is away. Nobody who presents a token waits for it.</remarks>
public sealed partial class RemoteKeys : BackgroundService
{
    /// <summary>The longest time for which a key that an issuer has withdrawn is still good.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    /// <summary>How soon an unknown key may have the sets fetched again: whoever sends nonsense shall not make us ask all the time.</summary>
    public static readonly TimeSpan LeastPeriod = TimeSpan.FromSeconds(30);

    private const int MaxBytes = 256 * 1024;
    private const int MaxKeys = 32;
    private const int LeastRsaBits = 2048;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);

    private readonly TokenKeys _keys;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Issuer[] _issuers;
    private long _fetchedAt;
    private volatile bool _isWanted;

    /// <summary>Prepares the issuers that are configured; fetches nothing yet.</summary>
    /// <exception cref="InvalidDataException">An address is none of HTTPS.</exception>
    public RemoteKeys(AuthOptions options, TokenKeys keys, TimeProvider time, ILogger<RemoteKeys> log)
        : this(options, keys, new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, time, log)
    {
    }

    internal RemoteKeys(AuthOptions options, TokenKeys keys, HttpMessageHandler network, TimeProvider time, ILogger<RemoteKeys> log)
    {
        (_keys, _time, _log) = (keys, time, log);
        _client = new HttpClient(network) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = MaxBytes };
        _issuers = [.. options.JwksUrls.Select(text => new Issuer(Address(text)))];
    }

    /// <summary>A token is signed with a key that is not known: an issuer may have a new one. Any thread.</summary>
    public void Want() => _isWanted = true;

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <summary>Fetches what is due.</summary>
    internal async Task StepAsync(CancellationToken stopping)
    {
        var age = _fetchedAt == 0 ? Period : _time.GetElapsedTime(_fetchedAt);
        var all = age >= Period || (_isWanted && age >= LeastPeriod);
        if (all) (_isWanted, _fetchedAt) = (false, _time.GetTimestamp());
        foreach (var issuer in _issuers)
        {
            if (all || issuer.Keys.Length == 0) await FetchAsync(issuer, stopping);
        }

        _keys.SetRemote([.. _issuers.SelectMany(issuer => issuer.Keys)]);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_issuers.Length == 0) return;
        using var timer = new PeriodicTimer(Tick, _time);
        try
        {
            do await StepAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    /// <summary>Public keys only, and only those that are for signatures.</summary>
    private static SecurityKey[] Read(string text)
    {
        var set = new JsonWebKeySet(text) { SkipUnresolvedJsonWebKeys = true };
        return [.. set.GetSigningKeys().Where(key => key is ECDsaSecurityKey or RsaSecurityKey { KeySize: >= LeastRsaBits }).Take(MaxKeys)];
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            ? address
            : throw new InvalidDataException($"Broadcast:Auth:JwksUrls takes addresses that begin with https://, and not \"{text}\".");

    private async Task FetchAsync(Issuer issuer, CancellationToken stopping)
    {
        string fault;
        try
        {
            using var answer = await _client.GetAsync(issuer.Address, stopping);
            var keys = answer.StatusCode == HttpStatusCode.OK ? Read(await answer.Content.ReadAsStringAsync(stopping)) : [];
            if (keys.Length > 0)
            {
                if (issuer.IsAway || issuer.Keys.Length == 0) Fetched(_log, issuer.Address, keys.Length);
                (issuer.Keys, issuer.IsAway) = (keys, false);
                return;
            }

            fault = answer.StatusCode == HttpStatusCode.OK ? "there is no usable key in its answer" : $"it answered {(int)answer.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or ArgumentException || (exception is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            fault = exception.Message;
        }

        if (!issuer.IsAway) NotFetched(_log, issuer.Address, fault);
        issuer.IsAway = true;
    }

    [LoggerMessage(560, LogLevel.Information, "{Issuer} has {Keys} keys")]
    private static partial void Fetched(ILogger logger, Uri issuer, int keys);

    [LoggerMessage(561, LogLevel.Warning, "The keys of {Issuer} cannot be fetched, those that were known stay: {Reason}")]
    private static partial void NotFetched(ILogger logger, Uri issuer, string reason);

    private sealed class Issuer(Uri address)
    {
        public Uri Address => address;

        public SecurityKey[] Keys { get; set; } = [];

        public bool IsAway { get; set; }
    }
}
