using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Broadcast.Signalling.Webhooks;

namespace Broadcast.Signalling.Tests.Webhooks;

/// <summary>Takes what webhooks tell, with the answers it was given; the last of them again and again.</summary>
internal sealed class HookTarget(params HttpStatusCode[] answers) : HttpMessageHandler
{
    private int _next;

    public ConcurrentQueue<(string Body, string Signature, string Delivery)> Requests { get; } = new();

    public IEnumerable<string?> Events => Requests.Select(request => Json(request.Body).GetProperty("event").GetString());

    public static JsonElement Json(string body) => JsonDocument.Parse(body).RootElement;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsStringAsync(cancellationToken);
        var signature = request.Headers.TryGetValues(WebhookPost.SignatureHeader, out var found) ? found.Single() : "";
        Requests.Enqueue((body, signature, request.Headers.GetValues(WebhookPost.DeliveryHeader).Single()));
        return new HttpResponseMessage(answers[Math.Min(_next++, answers.Length - 1)]);
    }
}
