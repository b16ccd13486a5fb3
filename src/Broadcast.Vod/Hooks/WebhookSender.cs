using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Broadcast.Signalling.Auth;
using Broadcast.Vod.Api;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Vod.Hooks;

/// <summary>POSTs what happens to one address, in order. What the target does not take is tried again for some minutes.</summary>
/// <remarks>The queue is bounded: when the target is away for long, the oldest are lost, and the log says how many.</remarks>
internal sealed partial class WebhookSender(Uri target, Secret secret, HttpClient client, TimeProvider time, ILogger<WebhookSender> log) : BackgroundService, IRecordingHooks
{
    /// <summary>Carries time and signature.</summary>
    public const string SignatureHeader = "Broadcast-Signature";

    /// <summary>The same for each try of an event.</summary>
    public const string DeliveryHeader = "Broadcast-Delivery";

    private const int QueueLength = 1000;
    private const int Tries = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Channel<RecordingNews> _queue = Channel.CreateBounded<RecordingNews>(
        new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, lost => Lost(log, lost.Event, lost.Recording.Id));

    public void Raise(RecordingNews news) => _queue.Writer.TryWrite(news);

    /// <summary>The value of <see cref="SignatureHeader"/>.</summary>
    internal static string Sign(Secret secret, long seconds, ReadOnlySpan<byte> body)
    {
        var stamp = seconds.ToString(CultureInfo.InvariantCulture);
        var signed = new byte[stamp.Length + 1 + body.Length];
        Encoding.ASCII.GetBytes(stamp, signed);
        signed[stamp.Length] = (byte)'.';
        body.CopyTo(signed.AsSpan(stamp.Length + 1));
        return $"t={stamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), signed))}";
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var news in _queue.Reader.ReadAllAsync(stoppingToken)) await DeliverAsync(news, stoppingToken);
    }

    private async Task DeliverAsync(RecordingNews news, CancellationToken stopping)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(news, VodJson.Default.RecordingNews);
        var delivery = Guid.NewGuid().ToString("N");
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++, pause *= 2)
        {
            if (await TryAsync(body, delivery, stopping) is not { } fault) return;
            if (attempt == Tries)
            {
                GivenUp(log, news.Event, news.Recording.Id, target, fault);
                return;
            }

            await Task.Delay(pause, time, stopping);
        }
    }

    /// <summary>Null when it was taken.</summary>
    private async Task<string?> TryAsync(byte[] body, string delivery, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(DeliveryHeader, delivery);
        if (!secret.IsEmpty) request.Headers.Add(SignatureHeader, Sign(secret, time.GetUtcNow().ToUnixTimeSeconds(), body));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return answer.IsSuccessStatusCode ? null : $"it answered {(int)answer.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return "it did not answer in time";
        }
    }

    [LoggerMessage(640, LogLevel.Warning, "{Event} of {RecordingId} was not delivered to {Target}: {Reason}")]
    private static partial void GivenUp(ILogger logger, string @event, string recordingId, Uri target, string reason);

    [LoggerMessage(641, LogLevel.Warning, "{Event} of {RecordingId} was not delivered: too many events wait for the webhook's target")]
    private static partial void Lost(ILogger logger, string @event, string recordingId);
}
