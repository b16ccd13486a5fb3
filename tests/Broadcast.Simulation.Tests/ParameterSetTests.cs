using System.Buffers.Binary;
using Broadcast.Media.Receive;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Testing;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests;

/// <summary>H.264 publishers that send their parameter sets only now and then.</summary>
public class ParameterSetTests
{
    private const ushort FirstSequence = 4_711;
    private static readonly byte[] Sps = Convert.FromHexString("6742C01FD9005005BB0110000003001000000300A0F183248000");
    private static readonly byte[] Pps = Convert.FromHexString("68CB83CB20");
    private static readonly byte[] Stap = [0x78, 0, (byte)Sps.Length, .. Sps, 0, (byte)Pps.Length, .. Pps];
    private static readonly byte[] IdrStart = [0x7C, 0x85, 0x88, 0x80, .. new byte[900]];
    private static readonly byte[] IdrEnd = [0x7C, 0x45, .. new byte[300]];
    private static readonly byte[] Slice = [0x41, 0x9A, 0x02, .. new byte[500]];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public void Second_viewer_gets_the_sets_that_were_sent_once_at_the_beginning(int seed, int workers)
    {
        using var scenario = new Scenario(seed, workers);
        var publisher = scenario.Publish(H264(setsAtKeyframe: 0), port: 40_000);
        scenario.RunUntil(() => publisher.Session.Ingest is { HasMedia: true }, 5, "publishing");
        var first = Watch(scenario, port: 40_002);
        scenario.RunUntil(() => first.Video is { Packets.Count: > 0 }, 5, "the first viewer's picture");
        scenario.Run(4.5);
        var second = Watch(scenario, port: 40_001);
        scenario.RunUntil(() => second.Video is { Packets.Count: > 40 }, 5, "the second viewer's pictures");
        scenario.Run(2);

        var got = second.Video.InOrder.ToArray();
        Assert.Equal([Stap, IdrStart, IdrEnd, Slice], got.Take(4).Select(packet => packet.Payload));
        Assert.Equal(got[0].Timestamp, got[1].Timestamp);
        Assert.Equal([false, false, true, true], got.Take(4).Select(packet => packet.Marker));
        Assert.Equal(0, second.Video.Missing);
        Assert.Equal(0, first.Video.Missing);
        Assert.Equal(0, second.AuthenticationFailures);
        Assert.Single(got, packet => packet.Payload.AsSpan().SequenceEqual(Stap));
        Assert.Single(first.Video.InOrder, packet => packet.Payload.AsSpan().SequenceEqual(Stap) || packet.Payload.AsSpan().SequenceEqual(Sps));
    }

    [Fact]
    public void Viewer_starts_where_the_sets_are_when_the_first_ones_were_lost()
    {
        using var scenario = new Scenario(3);
        var publisher = scenario.Publish(H264(setsAtKeyframe: 2));
        scenario.RunUntil(() => publisher.Session.Ingest is { HasMedia: true }, 5, "publishing");
        var viewer = Watch(scenario);
        scenario.Run(1.5);
        Assert.Equal(2, publisher.Keyframes);
        Assert.Empty(viewer.Video.Packets);
        scenario.Run(2);
        Assert.Equal([Sps, Pps, IdrStart, IdrEnd, Slice], viewer.Video.InOrder.Take(5).Select(packet => packet.Payload));
        Assert.Equal(0, viewer.Video.Missing);
    }

    [Fact]
    public void Viewer_is_led_in_when_the_SPS_of_a_picture_is_lost_for_good()
    {
        using var scenario = new Scenario(4);
        var publisher = scenario.Publish(H264(setsAtKeyframe: -1));
        scenario.RunUntil(() => publisher.Session.Ingest is { HasMedia: true }, 5, "publishing");
        var sequence = (ushort)(FirstSequence + 4 + 29);
        var lost = 0;
        publisher.Host.Up.Filter = datagram =>
            (datagram.Span[1] & 0x7F) == publisher.Video!.Track.Format.PayloadType
            && BinaryPrimitives.ReadUInt16BigEndian(datagram.Span[2..]) == sequence
            && lost++ >= 0;
        scenario.RunUntil(() => publisher.Keyframes == 2, 2, "the second keyframe");
        scenario.Run(0.3);
        var viewer = Watch(scenario);
        scenario.RunUntil(() => viewer.Video is { Packets.Count: > 10 }, 1.2, "the first picture");

        // The first packet of the second keyframe never came; its PPS belongs to what is passed over.
        Assert.True(lost > 0);
        Assert.Equal([Stap, IdrStart, IdrEnd, Slice], viewer.Video.InOrder.Take(4).Select(packet => packet.Payload));
        Assert.Equal(0, viewer.Video.Missing);
    }

    [Fact]
    public void Watching_for_sets_allocates_only_when_they_change()
    {
        var source = new SourceTrack(MediaKind.Video, CodecKind.H264, "", 90_000);
        var watch = new ParameterSetWatch(source);
        var sequence = 0L;
        var lacking = 0;
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                var timestamp = (uint)sequence;
                watch.Note(Sps, sequence++, timestamp, startsKeyframe: true);
                watch.Note(Pps, sequence++, timestamp, startsKeyframe: false);
                watch.Note(Stap, sequence++, timestamp, startsKeyframe: true);
                if (watch.Note(IdrStart, sequence++, timestamp, startsKeyframe: true)) lacking++;
                watch.Note(Slice, sequence++, timestamp + 1, startsKeyframe: false);
            }
        }));
        Assert.Equal(0, lacking);
        Assert.True(watch.Note(IdrStart, sequence, (uint)sequence, startsKeyframe: true));
        Assert.Equal(Stap, source.ParameterSets!.Sets.StapAPayload.ToArray());
    }

    private static TestViewer Watch(Scenario scenario, int? port = null)
    {
        var viewer = scenario.Watch(port: port);
        viewer.RequestsKeyframes = false; // no decoder looks at these pictures
        return viewer;
    }

    /// <summary>Like OBS: a keyframe a second, none on request.</summary>
    /// <param name="setsAtKeyframe">The one keyframe that has parameter sets; -1 for all.</param>
    private static PublisherProfile H264(int setsAtKeyframe)
    {
        var keyframes = 0;
        return new PublisherProfile
        {
            Offer = OfferText.Read("obs-publish"),
            AnswersPli = false,
            KeyframeInterval = TimeSpan.FromSeconds(1),
            SendsAudio = false,
            FirstSequence = FirstSequence,
            Packetize = (_, keyframe) =>
            {
                if (!keyframe) return [Slice];
                var withSets = setsAtKeyframe < 0 || keyframes == setsAtKeyframe;
                keyframes++;
                return withSets ? [Sps, Pps, IdrStart, IdrEnd] : [IdrStart, IdrEnd];
            },
        };
    }
}
