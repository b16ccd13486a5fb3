using Broadcast.Grains.Abstractions.Recordings;

namespace Broadcast.Grains.Abstractions.Publishers;

/// <summary>One per stream, by its name: who publishes it, in which epoch, and who feeds whom.</summary>
[Alias("broadcast.publisher")]
public interface IPublisherGrain : IGrainWithStringKey
{
    /// <summary>A publisher connected to a node. Asked again with the same <see cref="ClaimRequest.Claim"/> the answer is the same.</summary>
    [Alias("claim"), ResponseTimeout(Patience.Request)]
    Task<ClaimReply> Claim(ClaimRequest request);

    /// <summary>The publisher ended. A word of an older epoch changes nothing.</summary>
    [Alias("release"), ResponseTimeout(Patience.Control)]
    Task Release(string nodeId, Epoch epoch);

    /// <summary>A viewer asked at a node that does not carry the stream or cannot serve it.</summary>
    [Alias("join"), ResponseTimeout(Patience.Request)]
    Task<JoinReply> Join(JoinRequest request);

    /// <summary>What a node does for the stream; every other second, and at once when it changed by itself.</summary>
    [Alias("report"), ResponseTimeout(Patience.Control)]
    Task Report(StreamReport report);

    /// <summary>The tree for operators; empty when nobody publishes or carries the stream.</summary>
    [Alias("tree"), ResponseTimeout(Patience.Request)]
    Task<TreeView> GetTree();

    /// <summary>Sees to it that the stream is recorded by some node. Asked again the answer is the recording that runs.</summary>
    [Alias("record"), ResponseTimeout(Patience.Request)]
    Task<RecordReply> Record(RecordRequest request);

    /// <summary>Ends the stream's recording, wherever it is made.</summary>
    [Alias("stop-recording"), ResponseTimeout(Patience.Request)]
    Task<RecordReply> StopRecording();

    /// <summary>Who records the stream.</summary>
    [Alias("recording"), ResponseTimeout(Patience.Request)]
    Task<RecordingView> GetRecording();
}
