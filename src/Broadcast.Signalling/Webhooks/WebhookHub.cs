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

/// <summary>Targets out of <c>Broadcast:Webhooks:Targets</c>; others are registered one by one, and stay.</summary>
internal sealed record ConfiguredTargets(IReadOnlyList<WebhookTarget> Targets);

/// <summary>All targets, each with its own queue: one that is away holds up no other. Thread-safe.</summary>
internal sealed class WebhookHub : BackgroundService, IWebhooks
{
    private readonly Lock _lock = new();
    private readonly Dictionary<WebhookSender, (Task Run, CancellationTokenSource Stop)> _running = [];
    private readonly WebhookNetwork _network;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly int _others;
    private volatile WebhookSender[] _senders;
    private CancellationToken? _stopping;

    public WebhookHub(IEnumerable<WebhookTarget> others, ConfiguredTargets configured, WebhookOptions options, DeadLetters dead, WebhookNetwork network, TimeProvider time, ILogger<WebhookHub> log)
    {
        (_network, _time, _log, Dead) = (network, time, log, dead);
        var fixedTargets = others.ToList();
        _others = fixedTargets.Count;
        WebhookTarget[] all = [.. fixedTargets, .. configured.Targets];
        foreach (var target in all) target.Check(options.AllowInternal);
        _senders = [.. all.Select(New)];
    }

    /// <summary>Those that cannot be replaced come first.</summary>
    public IReadOnlyList<WebhookSender> Senders => _senders;

    public DeadLetters Dead { get; }

    /// <summary>Replaces the targets of the configuration. One that is the same keeps its queue; what waits for one that has gone is a dead letter, until that is there again.</summary>
    public void Replace(IReadOnlyList<WebhookTarget> targets)
    {
        lock (_lock)
        {
            var present = _senders;
            WebhookSender[] next = [.. present[.._others], .. targets.Select(target => present.Skip(_others).FirstOrDefault(sender => sender.Target.IsSame(target)) ?? New(target))];
            _senders = next;
            if (_stopping is not { } stopping) return;
            List<Task> gone = [];
            foreach (var sender in present.Except(next).Where(_running.ContainsKey))
            {
                _running.Remove(sender, out var running);
                running.Stop.Cancel();
                gone.Add(running.Run);
            }

            // A successor takes over what its predecessor has left, so that has to be over.
            foreach (var sender in next.Except(present)) Start(sender, Task.WhenAll(gone), stopping);
        }
    }

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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        lock (_lock)
        {
            _stopping = stoppingToken;
            foreach (var sender in _senders) Start(sender, Task.CompletedTask, stoppingToken);
        }

        await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task[] all;
        lock (_lock) all = [.. _running.Values.Select(running => running.Run)];
        await Task.WhenAll(all);
    }

    private WebhookSender New(WebhookTarget target) => new(target, _network.Client, Dead, _time, Random.Shared, _log);

    private void Start(WebhookSender sender, Task after, CancellationToken stopping)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _running[sender] = (RunAsync(sender, after, stop), stop);
    }

    private static async Task RunAsync(WebhookSender sender, Task after, CancellationTokenSource stop)
    {
        await after;
        await sender.RunAsync(stop.Token);
        stop.Dispose();
    }
}
