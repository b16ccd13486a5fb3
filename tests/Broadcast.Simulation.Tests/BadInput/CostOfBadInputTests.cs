using Broadcast.Media.Peers;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Network;
using Broadcast.Testing.Node;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.BadInput;

/// <summary>Bad datagrams cost neither memory nor answers.</summary>
public class CostOfBadInputTests
{
    [Fact]
    public void Ten_thousand_bad_datagrams_allocate_nothing()
    {
        using var node = new AttackedNode(1);
        var random = new Random(1);
        var samples = node.Samples().Append((node.Stranger, node.UnboundCheck)).ToArray();
        var bad = new List<(byte[] Bytes, TransportPath Path)>();
        while (bad.Count < 10_000)
        {
            var bytes = (byte[])samples[random.Next(samples.Length)].Item2.Clone();
            switch (random.Next(3))
            {
                case 0:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 1:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(random.Next(Math.Min(12, bytes.Length))));
                    break;
            }

            bad.Add((bytes, VirtualNode.PathTo(node.Sources[random.Next(3)])));
        }

        var buffer = new byte[2048];
        Assert.Equal(0, Allocated.Least(() =>
        {
            foreach (var (bytes, path) in bad)
            {
                bytes.CopyTo(buffer, 0);
                node.Engine.Receive(buffer.AsSpan(0, bytes.Length), path, node.Now, node.Now);
            }
        }));
    }

    [Fact]
    public void Nobody_gets_more_bytes_than_he_sent_before_he_is_validated()
    {
        using var node = new AttackedNode(2);
        var scenario = node.Scenario;
        var answered = 0;
        scenario.Network.ServerSends = (to, datagram) => answered += to == node.Stranger ? datagram.Length : 0;
        var random = new Random(2);

        // A recorded check of the viewer would be as good from here as it was from there: ICE cannot tell (RFC 8445 §19.2).
        var samples = node.Recorded.Select(sample => sample.Bytes).Where(bytes => AttackedNode.Kind(bytes).Kind != DatagramKind.Stun).ToList();
        var username = $"{node.UnboundCredentials.UsernameFragment}:";
        foreach (var password in new[] { node.UnboundCredentials.Password, "", "wrong" })
        {
            foreach (var name in new[] { null, username, username + "abcd", username + new string('x', 40) })
            {
                samples.Add(ConnectivityCheck.Build(new byte[12], name, password, ConnectivityCheck.Controlled));
                samples.Add(ConnectivityCheck.Build(new byte[12], name, password, (0x0777, [])));
                samples.Add(ConnectivityCheck.Build(new byte[12], name, password, (0x0777, []), (0x0778, [])));
                samples.Add(WithoutFingerprint(ConnectivityCheck.Build(new byte[12], name, password)));
                samples.Add(ConnectivityCheck.Build(new byte[12], name, password));
            }
        }

        foreach (var sample in samples)
        {
            for (var i = 0; i < 3; i++)
            {
                var bytes = i == 0 ? (byte[])sample.Clone() : sample[..random.Next(1, sample.Length + 1)];
                answered = 0;
                if (node.Unbound.Ice.IsValidated) return;
                scenario.Network.ServerReceived!(node.Stranger, (byte[])bytes.Clone());
                scenario.Run(0.0001);
                Assert.True(answered <= bytes.Length, $"{answered} bytes for {bytes.Length}: {Convert.ToHexString(bytes)}");
            }
        }

        Assert.Fail("No check was long enough.");
    }

    [Fact]
    public void Check_of_an_early_FFmpeg_is_long_enough_for_an_answer()
    {
        using var node = new AttackedNode(5);
        node.Scenario.Network.ServerReceived!(
            node.Stranger, ConnectivityCheck.Build(new byte[12], $"{node.UnboundCredentials.UsernameFragment}:abcd", node.UnboundCredentials.Password, ConnectivityCheck.UseCandidate));
        node.Scenario.Run(0.1);
        Assert.True(node.Unbound.Ice.IsValidated);
    }

    private static byte[] WithoutFingerprint(byte[] check)
    {
        var shorter = check[..^8];
        shorter[3] -= 8;
        return shorter;
    }

    [Fact]
    public void Address_that_cannot_authenticate_gets_silence()
    {
        using var node = new AttackedNode(3);
        var answered = 0;
        node.Scenario.Network.ServerSends = (to, _) => answered += to == node.Stranger ? 1 : 0;
        var username = $"{node.UnboundCredentials.UsernameFragment}:abcd";
        byte[][] checks =
        [
            ConnectivityCheck.Build(new byte[12], username, "wrong", ConnectivityCheck.Priority),
            ConnectivityCheck.Build(new byte[12], username, ""),
            ConnectivityCheck.Build(new byte[12], null, node.UnboundCredentials.Password),
            ConnectivityCheck.Build(new byte[12], "nobodyIs:abcd", node.UnboundCredentials.Password),
            ConnectivityCheck.Build(new byte[12], username, "wrong", (0x0777, [])),
            ConnectivityCheck.Build(new byte[12], username, "wrong", ConnectivityCheck.Controlled),
        ];
        foreach (var check in checks) node.Scenario.Network.ServerReceived!(node.Stranger, check);
        node.Scenario.Run(0.1);

        Assert.Equal(0, answered);
        Assert.Equal(3, node.Engine.Drops[DropReason.StunBadIntegrity]);
        Assert.Equal(1, node.Engine.Drops[DropReason.StunMissingIntegrity]);
        Assert.Equal(1, node.Engine.Drops[DropReason.StunMissingUsername]);
        Assert.Equal(1, node.Engine.Drops[DropReason.StunUnknownUser]);
        node.AssertUnharmed();
    }

    [Fact]
    public void Dtls_is_not_answered_before_the_address_is_validated()
    {
        using var node = new AttackedNode(4);
        var hello = node.Recorded.First(sample => AttackedNode.Kind(sample.Bytes).Kind == DatagramKind.Dtls).Bytes;
        var answered = 0;
        node.Scenario.Network.ServerSends = (to, _) => answered += to == node.Stranger ? 1 : 0;
        for (var i = 0; i < 100; i++) node.Scenario.Network.ServerReceived!(node.Stranger, (byte[])hello.Clone());
        node.Scenario.Run(1);
        Assert.Equal(0, answered);
        Assert.Equal(100, node.Engine.Drops[DropReason.UnknownTuple]);
        node.AssertUnharmed();
    }
}
