using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Broadcast.Signalling.Auth;

namespace Broadcast.Signalling.Webhooks;

/// <summary>One try of one delivery.</summary>
internal static class WebhookPost
{
    /// <summary>Carries time and signature.</summary>
    public const string SignatureHeader = "Broadcast-Signature";

    /// <summary>The same for each try of an event.</summary>
    public const string DeliveryHeader = "Broadcast-Delivery";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The value of <see cref="SignatureHeader"/>.</summary>
    public static string Sign(Secret secret, long seconds, ReadOnlySpan<byte> body)
    {
        var stamp = seconds.ToString(CultureInfo.InvariantCulture);
        var signed = new byte[stamp.Length + 1 + body.Length];
        Encoding.ASCII.GetBytes(stamp, signed);
        signed[stamp.Length] = (byte)'.';
        body.CopyTo(signed.AsSpan(stamp.Length + 1));
        return $"t={stamp},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()), signed))}";
    }

    public static async Task<WebhookAnswer> SendAsync(HttpClient client, WebhookTarget target, WebhookDelivery delivery, DateTimeOffset now, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Url) { Content = new ByteArrayContent(delivery.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(DeliveryHeader, delivery.Id);
        if (!target.Secret.IsEmpty) request.Headers.Add(SignatureHeader, Sign(target.Secret, now.ToUnixTimeSeconds(), delivery.Body));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(Patience);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return new WebhookAnswer((int)answer.StatusCode, answer.IsSuccessStatusCode ? null : $"it answered {(int)answer.StatusCode}");
        }
        catch (HttpRequestException exception)
        {
            return new WebhookAnswer(0, exception.InnerException is { } inner ? $"{exception.Message} {inner.Message}" : exception.Message);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new WebhookAnswer(0, "it did not answer in time");
        }
    }
}
