using Broadcast.Grains.Abstractions.Recordings;

namespace Broadcast.Grains.Abstractions.Relays;

/// <summary>One per node, by its name, on that node's own silo: the way to its media plane.</summary>
[Alias("broadcast.relay-node")]
public interface IRelayNodeGrain : IGrainWithStringKey
{
    /// <summary>The node's place in a stream's tree. An older one than it has is ignored; a report acknowledges it.</summary>
    [Alias("place"), ResponseTimeout(Patience.Control)]
    Task Place(RelayOrder order);

    /// <summary>A child wants a transport to this node. Asked again with the same attempt the answer is the same.</summary>
    /// <returns>Null when the child is no member of the cluster, or this node takes no more children.</returns>
    [Alias("accept-link"), ResponseTimeout(Patience.Link)]
    Task<LinkAcceptance?> AcceptLink(LinkOffer offer);

    /// <summary>Begins or ends draining: what it feeds moves elsewhere, and it takes nothing new.</summary>
    [Alias("drain"), ResponseTimeout(Patience.Request)]
    Task Drain(bool draining);

    /// <summary>Begins to record a stream. Asked again it says that it does.</summary>
    [Alias("start-recording"), ResponseTimeout(Patience.Recording)]
    Task<RecordReply> StartRecording(string streamId, bool byPolicy);

    /// <summary>Ends the recording of a stream.</summary>
    [Alias("stop-recording"), ResponseTimeout(Patience.Control)]
    Task<RecordReply> StopRecording(string streamId);

    /// <summary>What the node records of a stream; null for nothing.</summary>
    [Alias("find-recording"), ResponseTimeout(Patience.Control)]
    Task<StreamRecording?> FindRecording(string streamId);

    /// <summary>Records beside another node; a report acknowledges it.</summary>
    [Alias("stand-by"), ResponseTimeout(Patience.Control)]
    Task StandBy(StandbyOrder order);

    /// <summary>What became of a recording of this node; its standby asks.</summary>
    [Alias("recording-fate"), ResponseTimeout(Patience.Control)]
    Task<FateReply> GetFate(string recordingId);

    /// <summary>Another node has the whole of a recording that was cut short here, from <paramref name="startedAt"/> on.</summary>
    /// <returns>False to be told again later.</returns>
    [Alias("supersede-recording"), ResponseTimeout(Patience.Control)]
    Task<bool> Supersede(string recordingId, DateTimeOffset startedAt);

    /// <summary>A question of an operator's page that another node serves. What is in it only the program knows: it differs from release to release.</summary>
    /// <returns>Empty when the question is not understood.</returns>
    [Alias("ask"), ResponseTimeout(Patience.Control)]
    Task<byte[]> Ask(byte[] question);
}
