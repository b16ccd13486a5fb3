using Broadcast.Media.Peers;
using Broadcast.Media.Sessions;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.BadInput;

/// <summary>Somebody who sees handshakes, and can send from any address, puts rubbish between their datagrams.</summary>
/// <remarks>Not forged records that read well: DTLS 1.2 does not authenticate those before Finished, whoever implements it.</remarks>
public class HandshakeNoiseTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    public void Handshakes_finish_among_random_truncated_and_replayed_datagrams(int seed, int workers)
    {
        using var scenario = new Scenario(seed, workers);
        var random = new Random(seed);
        var publisher = scenario.Publish();
        scenario.RunUntil(() => publisher.Frames > 10, 5, "publishing");

        var seen = new List<(TransportAddress From, byte[] Bytes)>();
        var rubbish = 0;
        var strangers = 0;
        var deliver = scenario.Network.ServerReceived!;
        scenario.Network.ServerReceived = (from, bytes) =>
        {
            if (DatagramDemultiplexer.Classify(bytes) != DatagramKind.Dtls)
            {
                deliver(from, bytes);
                return;
            }

            // Each copy is a new one, because the engine decrypts in place.
            Rubbish(from, bytes[..^1]);
            Rubbish(from, bytes[..random.Next(1, 13)]);
            deliver(from, [.. bytes]);
            var noise = new byte[random.Next(13, 1200)];
            random.NextBytes(noise);
            noise[0] = (byte)random.Next(20, 24);
            Rubbish(from, noise);
            foreach (var (before, datagram) in seen)
            {
                if (before == from) deliver(from, [.. datagram]);
            }

            strangers++;
            deliver(scenario.Network.NewAddress(), [.. bytes]);
            seen.Add((from, [.. bytes]));
        };

        void Rubbish(TransportAddress from, byte[] bytes)
        {
            rubbish++;
            deliver(from, bytes);
        }

        var viewers = new List<TestViewer>();
        for (var i = 0; i < 12; i++)
        {
            viewers.Add(scenario.Watch());
            scenario.Run(0.02);
        }

        scenario.RunUntil(() => viewers.All(viewer => viewer.Video?.Decoder.Last is not null), 10, "twelve pictures");
        Assert.All(viewers, viewer => Assert.Equal(SessionState.Connected, viewer.Session.State));
        Assert.Equal(13, scenario.Node.Connected.Count);
        Assert.True(rubbish >= 12 * 3 * 2, $"only {rubbish} datagrams of rubbish");
        Assert.Equal(strangers, scenario.Node.Drops(DropReason.UnknownTuple));
        // What was repeated is part of the protocol; everything else is counted, once.
        Assert.Equal(rubbish, scenario.Node.AllDrops.Where(drop => drop.Key != DropReason.UnknownTuple).Sum(drop => drop.Value));
    }
}
