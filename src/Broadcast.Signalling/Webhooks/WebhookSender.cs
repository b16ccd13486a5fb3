using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Webhooks;

/// <summary>POSTs what happens to one target, in order. What it does not take is tried again for some minutes, then it is a dead letter.</summary>
/// <remarks>The queue is bounded: when the target is away for long, the oldest become dead letters at once. What waits when the node stops is kept with them, and sent when it starts again.</remarks>
internal sealed partial class WebhookSender(WebhookTarget target, HttpClient client, DeadLetters dead, TimeProvider time, Random random, ILogger log)
{
    private const int QueueLength = 1000;
    private const int Tries = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    private readonly Channel<WebhookDelivery> _queue = Channel.CreateUnbounded<WebhookDelivery>(new UnboundedChannelOptions { SingleReader = false });
    private long _delivered;
    private long _failed;

    public WebhookTarget Target => target;

    /// <summary>Deliveries that wait, without the one that is under way.</summary>
    public int Waiting => _queue.Reader.Count;

    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Deliveries that were given up.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public void Add(WebhookDelivery delivery)
    {
        if (!_queue.Writer.TryWrite(delivery)) dead.Add(target, delivery, 0, DeadLetters.Stopped);
        else if (_queue.Reader.Count > QueueLength && _queue.Reader.TryRead(out var oldest)) GiveUp(oldest, 0, "too many events wait for it");
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        WebhookDelivery? present = null;
        foreach (var letter in dead.TakeStopped(target)) Add(letter.ToDelivery());
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stopping))
            {
                while (_queue.Reader.TryRead(out present))
                {
                    await DeliverAsync(present, stopping);
                    present = null;
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is told from now on goes the same way; the next start sends it.
            _queue.Writer.TryComplete();
            if (present is not null) dead.Add(target, present, 0, DeadLetters.Stopped);
            while (_queue.Reader.TryRead(out var waiting)) dead.Add(target, waiting, 0, DeadLetters.Stopped);
        }
    }

    /// <summary>One try, past the queue.</summary>
    public Task<WebhookAnswer> TryAsync(WebhookDelivery delivery, CancellationToken stopping) => WebhookPost.SendAsync(client, target, delivery, time.GetUtcNow(), stopping);

    private async Task DeliverAsync(WebhookDelivery delivery, CancellationToken stopping)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++, pause *= 2)
        {
            if (await TryAsync(delivery, stopping) is not { Fault: { } fault })
            {
                Interlocked.Increment(ref _delivered);
                return;
            }

            if (attempt == Tries)
            {
                GiveUp(delivery, attempt, fault);
                return;
            }

            // Half to one and a half: targets that went down together are not asked by all nodes at once.
            await Task.Delay(pause * (0.5 + random.NextDouble()), time, stopping);
        }
    }

    private void GiveUp(WebhookDelivery delivery, int attempts, string reason)
    {
        Interlocked.Increment(ref _failed);
        GivenUp(log, delivery.Event, delivery.Id, target.Name, reason);
        dead.Add(target, delivery, attempts, reason);
    }

    [LoggerMessage(640, LogLevel.Warning, "{Event}, delivery {DeliveryId}, was not delivered to {Target}: {Reason}")]
    private static partial void GivenUp(ILogger logger, string @event, string deliveryId, string target, string reason);
}
