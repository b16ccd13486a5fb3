using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Node;

namespace Broadcast.Simulation.Tests;

/// <summary>In a burst somebody is last, but not always the same viewer.</summary>
public class FairnessTests
{
    private const int Viewers = 7;
    private const int Bursts = 100 * Viewers;

    [Fact]
    public void Viewers_take_turns_at_being_served_first_and_last_while_others_come_and_go()
    {
        using var scenario = new Scenario(1);
        var publisher = scenario.PublishAndSend(new() { SendsAudio = false });
        var viewers = Enumerable.Range(0, Viewers).Select(_ => scenario.Watch()).ToArray();
        var passing = scenario.Watch();

        // Nobody answers in this time that only the engine has: no network is measured.
        foreach (var viewer in viewers.Append(passing)) viewer.SendsRtcp = false;
        scenario.RunUntil(() => viewers.Append(passing).All(viewer => viewer.Video?.Decoder.Last is not null), 5, "pictures everywhere");
        publisher.IsSending = false;
        scenario.Run(1);

        var order = new List<TransportAddress>();
        scenario.Network.ServerSends = (to, _) => order.Add(to);
        var firsts = new List<TransportAddress>();
        var lasts = new List<TransportAddress>();
        var worker = scenario.Node.Workers[0];
        var now = scenario.Clock.Now;
        for (var burst = 0; burst < Bursts; burst++, now += TimeSpan.FromMilliseconds(33))
        {
            if (burst == Bursts / 2)
            {
                worker.Engine.End(passing.Session, "it had seen enough");
                worker.Flush();
            }

            order.Clear();
            foreach (var packet in publisher.NextFrame(keyframe: false)) worker.Engine.Receive(packet, VirtualNode.PathTo(publisher.Host.Address), now, now);
            worker.Engine.WakeSubscribers();
            worker.Engine.Forward(now);
            worker.Flush();
            Assert.Equal(burst < Bursts / 2 ? Viewers + 1 : Viewers, order.Distinct().Count());
            Assert.Equal(order.Distinct(), Runs(order)); // each in one go
            firsts.Add(order[0]);
            lasts.Add(order[^1]);
        }

        // An eighth of the first half and a seventh of the second: 94.
        foreach (var address in viewers.Select(viewer => viewer.Host.Address))
        {
            Assert.InRange(firsts.Count(first => first == address), 88, 100);
            Assert.InRange(lasts.Count(last => last == address), 88, 100);
        }
    }

    /// <summary>Neighbours that are equal, once.</summary>
    private static IEnumerable<TransportAddress> Runs(List<TransportAddress> order) => order.Where((to, i) => i == 0 || order[i - 1] != to);
}
