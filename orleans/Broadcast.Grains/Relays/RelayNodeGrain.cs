using System.Net;
using Broadcast.Grains.Abstractions.Recordings;
using Broadcast.Grains.Abstractions.Relays;
using Broadcast.Grains.Placement;
using Broadcast.RelayPlane;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Broadcast.Grains.Relays;

/// <summary>The way to a node's media plane: its silo is the node's, so it is reached as long as the node is a member and not longer.</summary>
[NodePlacement, Reentrant]
internal sealed partial class RelayNodeGrain(IRelayNode node, IClusterMembershipService membership, ILogger<RelayNodeGrain> logger) : Grain, IRelayNodeGrain
{
    public Task Place(RelayOrder order)
    {
        node.Place(order);
        return Task.CompletedTask;
    }

    public Task<LinkAcceptance?> AcceptLink(LinkOffer offer)
    {
        if (!IsMember(offer.ChildNodeId, offer.ChildGeneration))
        {
            LogStranger(this.GetPrimaryKeyString(), offer.ChildNodeId);
            return Task.FromResult<LinkAcceptance?>(null);
        }

        var answer = node.AcceptLink(new LinkRequest(offer.ChildNodeId, offer.Attempt, offer.Fingerprint, offer.UsernameFragment, offer.Password));
        return Task.FromResult(answer is null
            ? null
            : new LinkAcceptance(answer.Attempt, answer.Fingerprint.ToArray(), answer.UsernameFragment, answer.Password, [.. answer.Addresses.Select(address => address.ToString())]));
    }

    public Task Drain(bool draining)
    {
        node.SetDraining(draining);
        return Task.CompletedTask;
    }

    public Task<RecordReply> StartRecording(string streamId, bool byPolicy) => node.StartRecordingAsync(streamId, byPolicy);

    public Task<RecordReply> StopRecording(string streamId) => Task.FromResult(node.StopRecording(streamId));

    public Task<StreamRecording?> FindRecording(string streamId) => Task.FromResult(node.FindRecording(streamId));

    public Task StandBy(StandbyOrder order)
    {
        node.StandBy(order);
        return Task.CompletedTask;
    }

    public async Task<FateReply> GetFate(string recordingId) => new(await node.FateOfAsync(recordingId));

    public Task<bool> Supersede(string recordingId, DateTimeOffset startedAt) => node.SupersedeAsync(recordingId, startedAt);

    public Task<byte[]> Ask(byte[] question) => node.AnswerAsync(question);

    // A child whose silo was declared dead and does not know it yet is no member any more.
    private bool IsMember(string nodeId, int generation) => membership.CurrentSnapshot.Members.Values.Any(
        member => member.Status is SiloStatus.Active && member.Name == nodeId && member.SiloAddress.Generation == generation);

    [LoggerMessage(141, LogLevel.Warning, "Node {NodeId} refuses a link to {ChildNodeId}, which is not a member of the cluster")]
    private partial void LogStranger(string nodeId, string childNodeId);
}

/// <summary>What the grain of a node may do on the node. Thread-safe; calls return at once where they do not return a task.</summary>
internal interface IRelayNode
{
    /// <summary>Carries out an order that is not older than what was done last, and reports in any case.</summary>
    void Place(RelayOrder order);

    /// <summary>Prepares a transport for a child.</summary>
    LinkAnswer? AcceptLink(LinkRequest request);

    /// <summary>Begins or ends draining.</summary>
    void SetDraining(bool draining);

    /// <summary>Begins to record a stream.</summary>
    Task<RecordReply> StartRecordingAsync(string streamId, bool byPolicy);

    /// <summary>Ends a stream's recording.</summary>
    RecordReply StopRecording(string streamId);

    /// <summary>What is recorded of a stream; null for nothing.</summary>
    StreamRecording? FindRecording(string streamId);

    /// <summary>Records beside another node, and reports in any case.</summary>
    void StandBy(StandbyOrder order);

    /// <summary>What became of a recording of this node.</summary>
    Task<Fate> FateOfAsync(string recordingId);

    /// <summary>Another node has the whole of a recording that was cut short here.</summary>
    Task<bool> SupersedeAsync(string recordingId, DateTimeOffset startedAt);

    /// <summary>Answers a question of an operator's page.</summary>
    Task<byte[]> AnswerAsync(byte[] question);
}
