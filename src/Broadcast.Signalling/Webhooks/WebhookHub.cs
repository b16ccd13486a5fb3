using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broadcast.Signalling.Webhooks;

/// <summary>Tells targets what happens.</summary>
public interface IWebhooks
{
    /// <summary>True when some target wants to be told of such an event; what nobody wants need not be written.</summary>
    bool Wants(string name);

    /// <summary>Something happened. Returns at once and throws nothing.</summary>
    /// <param name="name">Of the event.</param>
    /// <param name="body">The JSON that is sent.</param>
    void Raise(string name, byte[] body);
}

/// <summary>All targets, each with its own queue: one that is away holds up no other.</summary>
internal sealed class WebhookHub : BackgroundService, IWebhooks
{
    private readonly TimeProvider _time;

    public WebhookHub(IEnumerable<WebhookTarget> targets, WebhookOptions options, DeadLetters dead, WebhookNetwork network, TimeProvider time, ILogger<WebhookHub> log)
    {
        _time = time;
        var checkedTargets = targets.ToList();
        foreach (var target in checkedTargets) target.Check(options.AllowInternal);
        Senders = [.. checkedTargets.Select(target => new WebhookSender(target, network.Client, dead, time, Random.Shared, log))];
        Dead = dead;
    }

    public IReadOnlyList<WebhookSender> Senders { get; }

    public DeadLetters Dead { get; }

    public bool Wants(string name) => Senders.Any(sender => sender.Target.Wants(name));

    public void Raise(string name, byte[] body)
    {
        foreach (var sender in Senders)
        {
            if (sender.Target.Wants(name)) sender.Add(New(name, body));
        }
    }

    /// <summary>A delivery with an id of its own.</summary>
    public WebhookDelivery New(string name, byte[] body) => new(Guid.NewGuid().ToString("N"), name, _time.GetUtcNow(), body);

    /// <summary>Sends a dead letter again, as the same delivery.</summary>
    /// <returns>Null when there is none of this id; false when its target is not configured any more, and it stays.</returns>
    public bool? Deliver(string id)
    {
        if (Dead.List().FirstOrDefault(letter => letter.Id == id) is not { } found) return null;
        if (Senders.FirstOrDefault(sender => sender.Target.Name == found.Target) is not { } sender) return false;
        if (Dead.Take(id) is not { } letter) return null;
        sender.Add(letter.ToDelivery());
        return true;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Senders.Select(sender => sender.RunAsync(stoppingToken)));
}
