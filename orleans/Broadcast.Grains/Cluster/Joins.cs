using System.Collections.Concurrent;
using Broadcast.Grains.Abstractions.Publishers;
using Broadcast.RelayPlane;

namespace Broadcast.Grains.Cluster;

/// <summary>Joins at this node: local as long as the stream is here, else one question to the stream's grain for all who wait. Thread-safe.</summary>
internal sealed class Joins(IRelayPlane plane, TimeProvider time, Func<string, bool, Task<JoinReply?>> ask)
{
    /// <summary>How long a viewer waits for the first media of a stream that its node was just told to carry.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan RetrySoon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryLater = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Task<JoinReply?>> _questions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    /// <summary>Questions asked of streams' grains since the start.</summary>
    public long Questions { get; private set; }

    /// <param name="streamId">The stream.</param>
    /// <param name="redirected">The viewer was sent here by another node.</param>
    /// <param name="open">The node takes viewers, as far as it knows itself.</param>
    /// <param name="cancellationToken">Of the viewer's request.</param>
    public async Task<JoinDecision> JoinAsync(string streamId, bool redirected, bool open, CancellationToken cancellationToken)
    {
        if (open && plane.Carries(streamId)) return JoinDecision.Serve.Here;
        var shared = _questions.TryGetValue(streamId, out var question);
        var reply = await (shared ? question! : Ask(streamId, redirected)).WaitAsync(cancellationToken);

        // One is sent to one node, but not all to the same.
        if (shared && reply is { Outcome: JoinOutcome.Redirect }) reply = await ask(streamId, redirected).WaitAsync(cancellationToken);
        return reply switch
        {
            null => new JoinDecision.Refuse(RetryLater, "the stream's place in the cluster cannot be found out now", IsLive: true),
            { Outcome: JoinOutcome.Serve } => await WaitForMediaAsync(streamId, cancellationToken),
            { Outcome: JoinOutcome.Redirect, NodeId: { } nodeId, Url: { } url } => new JoinDecision.Redirect(nodeId, url, reply.Reason),
            { Outcome: JoinOutcome.Redirect, NodeId: { } nodeId } => new JoinDecision.Refuse(RetryLater, $"{nodeId} would serve it but has no address for viewers", IsLive: true),
            _ => new JoinDecision.Refuse(reply.RetryAfter, reply.Reason, reply.IsLive),
        };
    }

    /// <summary>Media of the stream is there.</summary>
    public void OnActive(string streamId)
    {
        if (_waiting.TryRemove(streamId, out var waiting)) waiting.TrySetResult();
    }

    private Task<JoinReply?> Ask(string streamId, bool redirected)
    {
        var answer = new TaskCompletionSource<JoinReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var question = _questions.GetOrAdd(streamId, answer.Task);
        if (question == answer.Task) _ = AskAsync(streamId, redirected, answer);
        return question;
    }

    private async Task AskAsync(string streamId, bool redirected, TaskCompletionSource<JoinReply?> answer)
    {
        Questions++;
        JoinReply? reply = null;
        try
        {
            reply = await ask(streamId, redirected);
        }
        catch (OperationCanceledException)
        {
            // The node is being stopped.
        }

        _questions.TryRemove(streamId, out _);
        answer.SetResult(reply);
    }

    private async Task<JoinDecision> WaitForMediaAsync(string streamId, CancellationToken cancellationToken)
    {
        var waiting = _waiting.GetOrAdd(streamId, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

        // Asked after the entry is there, so that the event cannot pass in between.
        if (plane.Carries(streamId)) return JoinDecision.Serve.Here;
        try
        {
            await waiting.Task.WaitAsync(Patience, time, cancellationToken);
            return JoinDecision.Serve.Here;
        }
        catch (TimeoutException)
        {
            return new JoinDecision.Refuse(RetrySoon, "the stream is on its way to this node", IsLive: true);
        }
    }
}
