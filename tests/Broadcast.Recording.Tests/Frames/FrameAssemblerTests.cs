using Broadcast.Recording.Frames;
using Broadcast.Recording.Tests.Bitstreams;
using Broadcast.Rtc;

namespace Broadcast.Recording.Tests.Frames;

public class FrameAssemblerTests
{
    public static TheoryData<CodecKind> Videos => [CodecKind.Vp8, CodecKind.Vp9, CodecKind.Av1, CodecKind.H264, CodecKind.H265];

    public static TheoryData<CodecKind> All => [CodecKind.Vp8, CodecKind.Vp9, CodecKind.Av1, CodecKind.H264, CodecKind.H265, CodecKind.Opus];

    [Theory]
    [MemberData(nameof(Videos))]
    public void Stream_that_is_joined_between_keyframes_begins_with_the_next(CodecKind codec)
    {
        var assembler = FrameAssembler.Create(codec, "");
        Assert.True(assembler.NeedsKeyframe);
        var frames = Frame.Take(assembler, Packetizer.Packetize(Clip.Of(codec), first: 0).Skip(10).SelectMany(packets => packets));
        Assert.Equal(Clip.FramesPerGroup * 3000L, frames[0].Timestamp);
        Assert.True(frames[0].IsKeyframe);
        Assert.Equal(Clip.FramesPerGroup - 10, assembler.DroppedFrames);
        Assert.False(assembler.NeedsKeyframe);
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Frame_without_its_marker_is_whole_when_the_next_begins_and_nothing_was_lost(CodecKind codec)
    {
        var assembler = FrameAssembler.Create(codec, "");
        var packets = Packetizer.Packetize(Clip.Of(codec)).Take(5).SelectMany(frame => frame).Select(packet => packet with { Marker = false }).ToList();
        var frames = Frame.Take(assembler, packets);
        Assert.Equal(4, frames.Count);
        assembler.Finish();
        Frame.Drain(assembler, frames);
        Assert.Equal(5, frames.Count);
        Assert.Equal(Frame.Of(codec)[4].Data, frames[4].Data);
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Frame_that_ends_early_at_the_end_of_the_stream_is_dropped(CodecKind codec)
    {
        var assembler = FrameAssembler.Create(codec, "");
        var packets = Packetizer.Packetize(Clip.Of(codec));
        var frames = Frame.Take(assembler, packets.Take(30).SelectMany(frame => frame).Concat(packets[30].SkipLast(1)));
        assembler.Finish();
        Frame.Drain(assembler, frames);
        Assert.Equal(30, frames.Count);
        Assert.Equal(1, assembler.DroppedFrames);
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Packets_without_payload_change_nothing(CodecKind codec)
    {
        var assembler = FrameAssembler.Create(codec, "");
        var frames = Frame.Take(assembler, Packetizer.Packetize(Clip.Of(codec)).SelectMany(frame => frame.Append(new Packet([], frame[0].Timestamp, false))));
        Assert.Equal(Clip.Of(codec).Frames.Count, frames.Count);
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Timestamp_that_runs_back_costs_frames_up_to_the_next_keyframe(CodecKind codec)
    {
        var assembler = FrameAssembler.Create(codec, "");
        var packets = Packetizer.Packetize(Clip.Of(codec), first: 1_000_000);
        packets[10] = [.. packets[10].Select(packet => packet with { Timestamp = packet.Timestamp - 400_000 })];
        var frames = Frame.Take(assembler, packets.SelectMany(frame => frame));
        Assert.Equal(10 + 90, frames.Count);
        Assert.Equal(20, assembler.DroppedFrames);
        Assert.Equal(frames.Select(frame => frame.Timestamp).Order(), frames.Select(frame => frame.Timestamp));
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Clock_that_was_started_again_goes_on_at_a_keyframe(CodecKind codec)
    {
        var assembler = FrameAssembler.Create(codec, "");
        var packets = Packetizer.Packetize(Clip.Of(codec), first: 90_000_000).Take(10).Concat(Packetizer.Packetize(Clip.Of(codec), first: 0).Skip(20).Take(20));
        var frames = Frame.Take(assembler, packets.SelectMany(frame => frame));
        Assert.Equal(20, frames.Count);
        Assert.Equal(90_000, frames[10].Timestamp);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Garbage_never_throws_and_never_becomes_more_than_it_was(CodecKind codec)
    {
        var random = new Random(23);
        var clip = Packetizer.Packetize(Clip.Of(codec)).SelectMany(frame => frame).ToList();
        var assembler = FrameAssembler.Create(codec, "sprop-parameter-sets=!!,Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aA==;sprop-sps=AAAA");
        var delivered = 0;
        long timestamp = 0;
        for (var i = 0; i < 60_000; i++)
        {
            byte[] payload;
            switch (random.Next(4))
            {
                case 0:
                    payload = new byte[random.Next(60)];
                    random.NextBytes(payload);
                    break;
                case 1:
                    payload = clip[random.Next(clip.Count)].Payload;
                    payload = payload[..random.Next(payload.Length + 1)];
                    break;
                default:
                    payload = [.. clip[i % clip.Count].Payload];
                    for (var changes = random.Next(4); changes > 0; changes--) payload[random.Next(Math.Min(payload.Length, 40))] = (byte)random.Next(256);
                    break;
            }

            if (random.Next(3) == 0) timestamp += random.Next(200) == 0 ? random.NextInt64(-1L << 40, 1L << 40) : 3000;
            if (random.Next(50) == 0) assembler.NoteLoss();
            assembler.Push(payload, timestamp, random.Next(3) == 0);
            while (assembler.TryTake(out var frame))
            {
                delivered++;
                Assert.False(frame.Data.IsEmpty);
                Assert.NotNull(frame.Format);
            }
        }

        assembler.Finish();
        Assert.True(assembler.DroppedFrames > 1000);
        Assert.True(delivered > 0);
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Frame_that_never_ends_takes_bounded_memory(CodecKind codec)
    {
        // :: Its first packet, then continuations without end
        byte[] more = codec switch
        {
            CodecKind.Vp8 => [0x00, .. new byte[1100]],
            CodecKind.Vp9 => [0x00, .. new byte[1100]],
            CodecKind.Av1 => [0xD0, .. new byte[1100]],
            CodecKind.H264 => [28, 1, .. new byte[1100]],
            _ => [49 << 1, 1, 1, .. new byte[1100]],
        };
        byte[] first = codec switch
        {
            CodecKind.Vp8 => [0x10, .. new byte[1100]],
            CodecKind.Vp9 => [0x08, .. new byte[1100]],
            CodecKind.Av1 => [0x50, 6 << 3, .. new byte[1100]],
            CodecKind.H264 => [28, 0x81, .. new byte[1100]],
            _ => [49 << 1, 1, 0x81, .. new byte[1100]],
        };
        var assembler = FrameAssembler.Create(codec, "");
        assembler.Push(first, 0, false);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 30_000; i++) assembler.Push(more, 0, false);
        assembler.Push(more, 0, true);
        Assert.False(assembler.TryTake(out _));
        Assert.Equal(1, assembler.DroppedFrames);

        // Doubled up to 8 MB, and not 33.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1 << 20, 26 << 20);
    }

    [Theory]
    [InlineData(CodecKind.H264)]
    [InlineData(CodecKind.H265)]
    public void Ten_thousand_units_in_a_frame_are_borne(CodecKind codec)
    {
        var assembler = FrameAssembler.Create(codec, "");
        byte[] parameterSet = codec == CodecKind.H264 ? [8, 0x80, 1] : [34 << 1, 1, 0x80, 1];
        for (var i = 0; i < 10_000; i++)
        {
            parameterSet[^2] = (byte)i;
            assembler.Push(parameterSet, 0, i == 9_999);
        }

        Assert.False(assembler.TryTake(out _));
        var frames = Frame.Take(assembler, Packetizer.Packetize(Clip.Of(codec)).Take(3).SelectMany(frame => frame));
        Assert.True(frames.Count is 0 or 3);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_is_allocated_for_a_packet(CodecKind codec)
    {
        var packets = Packetizer.Packetize(Clip.Of(codec)).SelectMany(frame => frame).ToList();
        var assembler = FrameAssembler.Create(codec, "");
        for (var round = 0; round < 3; round++) Round(round);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 3; round < 6; round++) Round(round);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, assembler.DroppedFrames);

        void Round(int round)
        {
            foreach (var packet in packets)
            {
                assembler.Push(packet.Payload, packet.Timestamp + (round * 1_000_000L), packet.Marker);
                while (assembler.TryTake(out _))
                {
                }
            }
        }
    }

    [Fact]
    public void G711_is_not_supported()
    {
        Assert.False(FrameAssembler.Supports(CodecKind.Pcmu));
        Assert.Throws<NotSupportedException>(() => FrameAssembler.Create(CodecKind.Pcmu, ""));
    }
}
