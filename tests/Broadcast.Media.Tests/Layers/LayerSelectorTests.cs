using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Tests.Layers;

/// <summary>Which packets of a layered encoding are forwarded, and where that may change.</summary>
public class LayerSelectorTests
{
    private static readonly Random Fixed = new(1);

    /// <summary>What a decoder needs, over every kind of structure and every change: all that a forwarded frame refers to.</summary>
    [Theory]
    [InlineData(1, false, false, 1)]
    [InlineData(1, false, true, 2)]
    [InlineData(3, false, true, 3)]
    [InlineData(3, false, false, 4)]
    [InlineData(3, true, true, 5)]
    [InlineData(3, true, false, 6)]
    [InlineData(2, false, true, 7)]
    [InlineData(2, true, true, 8)]
    public void Forwarded_frames_refer_only_to_forwarded_frames(int spatialLayers, bool isKeyMode, bool upFromBase, int seed)
    {
        foreach (var random in new[] { new Random(seed), new Random() })
        {
            var source = new LayeredPictures(spatialLayers, isKeyMode, upFromBase);
            var selector = default(LayerSelector);
            selector.Restart(Random(random, spatialLayers));
            var forwarded = new HashSet<int>();
            var changes = 0;
            var wholePictures = 0;
            for (var picture = 0; picture < 20_000; picture++)
            {
                if (random.Next(6) == 0) selector.Target = Random(random, spatialLayers);
                var before = selector.Current;
                var layers = 0;
                foreach (var frame in source.Next(picture == 0 || random.Next(40) == 0, random))
                {
                    var sent = frame.Packets.Count(packet => selector.Next(packet));
                    Assert.True(sent == 0 || sent == frame.Packets.Length, $"picture {picture}: half a frame (seed {seed})");
                    if (sent == 0) continue;
                    layers++;
                    Assert.All(frame.References, reference => Assert.True(forwarded.Contains(reference), $"picture {picture}, S{frame.SpatialId} T{frame.TemporalId} lacks {reference} (seed {seed})"));
                    forwarded.Add(frame.Number);
                }

                if (layers > 0) wholePictures++;
                if (selector.Current != before) changes++;
                if (picture % 1_000 == 0) forwarded.RemoveWhere(number => number < (picture - 100) * spatialLayers);
            }

            Assert.True(changes > 1_000, $"{changes} changes");
            Assert.True(wholePictures > 5_000, $"{wholePictures} pictures");
        }
    }

    /// <summary>
    /// The same where whole frames are lost on the way here. They are repaired, sooner or later, and then sent if they were wanted at
    /// their time: before the packet with which the hole was seen. The others are left out, and nothing that is sent refers to them.
    /// </summary>
    [Theory]
    [InlineData(1, false, false, 11)]
    [InlineData(1, false, true, 12)]
    [InlineData(3, false, true, 13)]
    [InlineData(3, false, false, 14)]
    [InlineData(3, true, true, 15)]
    [InlineData(3, true, false, 16)]
    public void Forwarded_frames_refer_to_no_frame_that_was_lost_and_is_left_out_when_it_comes(int spatialLayers, bool isKeyMode, bool upFromBase, int seed)
    {
        foreach (var random in new[] { new Random(seed), new Random() })
        {
            var source = new LayeredPictures(spatialLayers, isKeyMode, upFromBase);
            var selector = default(LayerSelector);
            selector.Restart(Random(random, spatialLayers));
            var forwarded = new HashSet<int>();
            var hole = new List<LayeredPictures.Frame>();
            var repairs = new Queue<LayerMarks>();
            var (changes, unwanted) = (0, 0);
            for (var picture = 0; picture < 20_000; picture++)
            {
                if (random.Next(4) == 0) selector.Target = Random(random, spatialLayers);
                if (repairs.Count > 0 && random.Next(3) == 0) selector.Miss(repairs.Dequeue());
                foreach (var frame in source.Next(picture == 0 || random.Next(20) == 0, random))
                {
                    if (picture > 4 && random.Next(8) == 0 && !(frame.IsKeyPicture && frame.SpatialId == 0))
                    {
                        hole.Add(frame);
                        continue;
                    }

                    var before = selector.Current;
                    var sent = 0;
                    foreach (var packet in frame.Packets) sent += selector.Next(packet, isAfterHole: hole.Count > 0 && packet == frame.Packets[0]) ? 1 : 0;
                    foreach (var lost in hole)
                    {
                        if (before.Wants(lost.Packets[0].Layers)) forwarded.Add(lost.Number);
                        else repairs.Enqueue(lost.Packets[0].Layers);
                    }

                    unwanted += repairs.Count;
                    hole.Clear();
                    if (selector.Current != before) changes++;
                    if (sent == 0) continue;
                    Assert.All(frame.References, reference => Assert.True(forwarded.Contains(reference), $"picture {picture}, S{frame.SpatialId} T{frame.TemporalId} lacks {reference} (seed {seed})"));
                    forwarded.Add(frame.Number);
                }

                if (picture % 1_000 == 0) forwarded.RemoveWhere(number => number < (picture - 200) * spatialLayers);
            }

            Assert.True(changes > 1_000, $"{changes} changes");
            Assert.True(unwanted > 1_000, $"{unwanted} frames lost that nobody wanted");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Temporal_step_down_happens_at_the_next_picture(bool upFromBase)
    {
        for (var at = 1; at < 12; at++)
        {
            var (source, selector) = Begin(1, false, upFromBase, LayerSelection.All, at);
            selector.Target = new LayerSelection(0, 0);
            Assert.True(selector.IsChanging);
            Assert.False(selector.NeedsKeyframe);
            Give(source, ref selector);
            Assert.Equal(selector.Target, selector.Current);
        }
    }

    [Fact]
    public void Change_waits_for_the_end_of_a_picture_that_has_begun()
    {
        var (source, selector) = Begin(1, false, true, LayerSelection.All, 1);
        var packet = new LoggedPacket(1, 0, MonotonicTime.Zero, 99, 0, 1, PacketFlags.None, new LayerMarks(0xCCCC, 0, 0, 2, false));
        Assert.True(selector.Next(packet));
        selector.Target = new LayerSelection(0, 0);
        Assert.True(selector.Next(packet with { ExtendedSequenceNumber = 2 }));
        Assert.True(selector.IsChanging);
        Assert.False(selector.Next(packet with { ExtendedSequenceNumber = 3, Timestamp = 100 }));
        Assert.False(selector.IsChanging);
        Assert.NotNull(source);
    }

    /// <summary>What is missing is treated as before the change when it comes, and would be cut off from the rest of its picture.</summary>
    [Theory]
    [InlineData(PacketFlags.None, 0, false)]
    [InlineData(PacketFlags.StartsFrame, 1, false)] // an upper layer: the lower one may be missing
    [InlineData(PacketFlags.StartsFrame, 0, true)]
    [InlineData(PacketFlags.StartsKeyframe | PacketFlags.StartsFrame, 0, true)]
    public void Change_waits_for_another_picture_where_this_one_may_have_begun_unseen(PacketFlags flags, byte spatialId, bool changes)
    {
        var (_, selector) = Begin(3, false, true, LayerSelection.All, 1);
        selector.Target = new LayerSelection(0, 0);
        var packet = new LoggedPacket(9, 0, MonotonicTime.Zero, 99, 0, 1, flags, new LayerMarks(0xFFFF, 0, spatialId, 0, false));
        selector.Next(packet, isAfterHole: true);
        Assert.Equal(changes, !selector.IsChanging);
        selector.Next(packet with { ExtendedSequenceNumber = 10 });
        Assert.Equal(changes, !selector.IsChanging);
        selector.Next(packet with { ExtendedSequenceNumber = 11, Timestamp = 100 });
        Assert.False(selector.IsChanging);
    }

    [Fact]
    public void Temporal_step_up_waits_for_a_picture_that_allows_it()
    {
        // VP8: 0 2y 1y 2 - the last of the four refers to what a viewer of layer 0 did not get.
        for (var at = 1; at < 9; at++)
        {
            var (source, selector) = Begin(1, false, upFromBase: false, new LayerSelection(0, 0), at);
            selector.Target = LayerSelection.All;
            var pictures = 0;
            for (; selector.IsChanging; pictures++)
            {
                Assert.True(pictures < 8, $"never, begun at {at}");
                Give(source, ref selector);
            }

            // Layer 1 comes back at its own picture, which is third of four; layer 2 at its next sync picture, second of four.
            Assert.Equal(2, source.Pictures % 4);
        }
    }

    [Fact]
    public void Spatial_step_down_happens_at_the_next_picture_where_lower_layers_are_part_of_what_is_sent()
    {
        var (source, selector) = Begin(3, false, true, LayerSelection.All, 6);
        selector.Target = new LayerSelection(1, 3);
        Assert.False(selector.NeedsKeyframe);
        Give(source, ref selector);
        Assert.Equal(1, selector.Current.SpatialId);
    }

    [Theory]
    [InlineData(false, 0, 3)]
    [InlineData(true, 0, 2)]
    [InlineData(true, 2, 0)]
    public void Spatial_step_waits_for_a_key_picture(bool isKeyMode, int from, int to)
    {
        var (source, selector) = Begin(3, isKeyMode, true, new LayerSelection(from, 3), 5);
        selector.Target = new LayerSelection(to, 3);
        for (var i = 0; i < 50; i++)
        {
            Give(source, ref selector);
            Assert.True(selector.NeedsKeyframe);
            Assert.Equal(from, selector.Current.SpatialId);
        }

        Give(source, ref selector, keyframe: true);
        Assert.Equal(selector.Target, selector.Current);
        Assert.False(selector.NeedsKeyframe);
    }

    [Fact]
    public void Temporal_part_of_a_change_does_not_wait_for_the_key_picture()
    {
        var (source, selector) = Begin(3, true, true, new LayerSelection(0, 0), 4);
        selector.Target = new LayerSelection(2, 2);
        for (var i = 0; i < 8; i++) Give(source, ref selector);
        Assert.Equal(new LayerSelection(0, 2), selector.Current);
        Assert.True(selector.NeedsKeyframe);
    }

    [Fact]
    public void Key_picture_of_which_upper_layers_are_left_out_does_not_give_them_back()
    {
        var (source, selector) = Begin(3, false, true, new LayerSelection(0, 3), 3);
        Give(source, ref selector, keyframe: true);
        selector.Target = LayerSelection.All;
        for (var i = 0; i < 12; i++)
        {
            Give(source, ref selector);
            Assert.Equal(0, selector.Current.SpatialId);
        }
    }

    [Fact]
    public void Packet_without_layers_is_always_forwarded_and_changes_nothing()
    {
        var (_, selector) = Begin(1, false, true, new LayerSelection(0, 0), 2);
        selector.Target = LayerSelection.All;
        for (var i = 0; i < 10; i++)
        {
            Assert.True(selector.Next(new LoggedPacket(i, 0, MonotonicTime.Zero, (uint)i, 0, 1, PacketFlags.None, default)));
            Assert.Equal(new LayerSelection(0, 0), selector.Current);
        }
    }

    [Fact]
    public void Selection_ends_a_picture_at_the_last_packet_of_its_highest_layer()
    {
        var marks = new LayerMarks(0xFFFF, 0, 1, 0, EndsLayerFrame: true);
        Assert.True(new LayerSelection(1, 0).EndsPicture(marks));
        Assert.False(new LayerSelection(2, 0).EndsPicture(marks));
        Assert.False(new LayerSelection(1, 0).EndsPicture(marks with { EndsLayerFrame = false }));
        Assert.Equal((3, 3), (new LayerSelection(9, 9).SpatialId, new LayerSelection(9, 9).TemporalId));
        Assert.Equal((0, 0), (new LayerSelection(-1, -1).SpatialId, new LayerSelection(-1, -1).TemporalId));
    }

    private static (LayeredPictures Source, LayerSelector Selector) Begin(int spatialLayers, bool isKeyMode, bool upFromBase, LayerSelection selection, int pictures)
    {
        var source = new LayeredPictures(spatialLayers, isKeyMode, upFromBase);
        var selector = default(LayerSelector);
        selector.Restart(selection);
        for (var i = 0; i < pictures; i++) Give(source, ref selector, keyframe: i == 0);
        return (source, selector);
    }

    private static void Give(LayeredPictures source, ref LayerSelector selector, bool keyframe = false)
    {
        foreach (var packet in source.Next(keyframe, Fixed).SelectMany(frame => frame.Packets)) selector.Next(packet);
    }

    /// <summary>As the controller does: the highest spatial layer is everything.</summary>
    private static LayerSelection Random(Random random, int spatialLayers)
    {
        var spatial = random.Next(spatialLayers);
        return new LayerSelection(spatial == spatialLayers - 1 ? 3 : spatial, random.Next(4));
    }
}
