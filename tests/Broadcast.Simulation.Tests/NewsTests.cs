using Broadcast.Testing;
using Broadcast.Testing.Node;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>A worker looks at the streams that have something to send, and at no others.</summary>
public class NewsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Only_streams_with_news_are_looked_at(int workers)
    {
        using var scenario = new Scenario(1, workers);
        var node = scenario.Node;

        // Even ports reach the first worker, odd ones the second if there is one.
        int[] streams = [0, 1, 2];
        var publishers = streams.Select(i => scenario.Publish(new PublisherProfile { SendsAudio = false }, stream: $"{i}", port: 40_000 + (2 * i))).ToArray();
        scenario.RunUntil(() => publishers.All(publisher => publisher.Frames > 5), 5, "publishing");
        var viewers = streams.Select(i => scenario.Watch(stream: $"{i}", port: 50_001 + (2 * i))).ToArray();
        scenario.RunUntil(() => viewers.All(viewer => viewer.Video?.Decoder.Last is not null), 5, "pictures everywhere");
        foreach (var publisher in publishers) publisher.IsSending = false;
        scenario.Run(1);

        var now = scenario.Clock.Now;
        var engine = node.Workers[0].Engine;
        var viewing = node.Workers[workers - 1].Engine;
        Turn();
        Assert.Equal(0, viewing.PendingFanOutCount);

        foreach (var packet in publishers[1].NextFrame(keyframe: false)) engine.Receive(packet, VirtualNode.PathTo(publishers[1].Host.Address), now, now);

        Turn();
        Assert.Equal(1, viewing.PendingFanOutCount);
        Assert.True(viewing.Pending > 0);
        var before = viewers.Select(viewer => viewer.Session.Viewer!.Packets).ToArray();
        viewing.Forward(now);
        Assert.Equal([false, true, false], viewers.Select((viewer, i) => viewer.Session.Viewer!.Packets > before[i]));
        Assert.Equal(0, viewing.PendingFanOutCount);
        Turn();
        Assert.Equal(0, viewing.PendingFanOutCount);

        void Turn()
        {
            engine.WakeSubscribers();
            viewing.WakeSubscribers();
        }
    }
}
