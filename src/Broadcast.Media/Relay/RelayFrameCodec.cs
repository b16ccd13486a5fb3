using System.Buffers;
using Broadcast.Media.Layers;
using Broadcast.Media.Routing;
using Broadcast.Rtc;
using MessagePack;

namespace Broadcast.Media.Relay;

/// <summary>Control frames in MessagePack: an array of a type and its fields in order. Fields that a later version adds at the end are skipped.</summary>
public static class RelayFrameCodec
{
    private const int MaxTextLength = 1024;

    /// <summary>Of a traceparent: 00-{32}-{16}-{2}.</summary>
    private const int TraceLength = 55;

    private enum FrameType : byte
    {
        Subscribe = 1,
        Unsubscribe = 2,
        State = 3,
        Ladder = 4,
        Ping = 5,
    }

    /// <summary>Writes a frame.</summary>
    public static void Write(IBufferWriter<byte> destination, RelayFrame frame)
    {
        var writer = new MessagePackWriter(destination);
        switch (frame)
        {
            case RelayFrame.Subscribe subscribe:
                Begin(ref writer, FrameType.Subscribe, subscribe.Trace is null ? 7 : 8);
                writer.Write(subscribe.StreamId);
                writer.Write(subscribe.Version);
                writer.Write(subscribe.SeenState);
                Write(ref writer, subscribe.Epoch);
                writer.Write(subscribe.IsStandby);
                writer.WriteArrayHeader(subscribe.Wants.Count);
                foreach (var want in subscribe.Wants)
                {
                    writer.WriteArrayHeader(2);
                    writer.Write(want.Track);
                    writer.Write(want.From);
                }

                if (subscribe.Trace is not null) writer.Write(subscribe.Trace);
                break;
            case RelayFrame.Unsubscribe unsubscribe:
                Begin(ref writer, FrameType.Unsubscribe, 2);
                writer.Write(unsubscribe.StreamId);
                writer.Write(unsubscribe.Version);
                break;
            case RelayFrame.State state:
                Write(ref writer, state);
                break;
            case RelayFrame.Ladder ladder:
                Write(ref writer, ladder);
                break;
            case RelayFrame.Ping ping:
                Begin(ref writer, FrameType.Ping, 2);
                writer.Write(ping.SentAt);
                writer.Write(ping.IsReply);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(frame));
        }

        writer.Flush();
    }

    /// <summary>Reads a frame; what follows it is ignored.</summary>
    /// <returns>Null when it is malformed, of an unknown type, or beyond a limit.</returns>
    public static RelayFrame? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            var fields = reader.ReadArrayHeader();
            if (fields < 1) return null;
            var type = (FrameType)reader.ReadByte();
            return type switch
            {
                FrameType.Subscribe when fields >= 8 => ReadSubscribe(ref reader, fields),
                FrameType.Unsubscribe when fields >= 3 => new RelayFrame.Unsubscribe(ReadText(ref reader), reader.ReadInt32()),
                FrameType.State when fields >= 9 => ReadState(ref reader),
                FrameType.Ladder when fields >= 5 => ReadLadder(ref reader),
                FrameType.Ping when fields >= 3 => new RelayFrame.Ping(reader.ReadInt64(), reader.ReadBoolean()),
                _ => null,
            };
        }
        catch (Exception malformed) when (malformed is MessagePackSerializationException or EndOfStreamException or OverflowException or InvalidDataException)
        {
            return null;
        }
    }

    private static void Begin(ref MessagePackWriter writer, FrameType type, int fields)
    {
        writer.WriteArrayHeader(fields + 1);
        writer.Write((byte)type);
    }

    private static void Write(ref MessagePackWriter writer, PublicationEpoch epoch)
    {
        writer.Write(epoch.Number);
        writer.Write(epoch.Claim);
    }

    private static void Write(ref MessagePackWriter writer, RelayFrame.State state)
    {
        Begin(ref writer, FrameType.State, 8);
        writer.Write(state.StreamId);
        writer.Write(state.Acknowledged);
        writer.Write(state.Version);
        writer.Write((byte)state.Status);
        Write(ref writer, state.Epoch);
        writer.WriteArrayHeader(state.Hops.Count);
        foreach (var hop in state.Hops) writer.Write(hop);
        writer.WriteArrayHeader(state.Tracks.Count);
        foreach (var track in state.Tracks)
        {
            writer.WriteArrayHeader(11);
            writer.Write((byte)track.Codec);
            writer.Write(track.FormatParameters);
            writer.Write(track.ClockRateHz);
            writer.Write(track.Rid);
            writer.Write(track.OriginSsrc);
            writer.Write(track.Alignment);
            writer.Write(track.Ssrc);
            writer.Write(track.Start);
            writer.Write(track.StartTimestamp);
            writer.Write(track.StartAge);
            writer.Write(track.Head);
        }
    }

    private static void Write(ref MessagePackWriter writer, RelayFrame.Ladder ladder)
    {
        Begin(ref writer, FrameType.Ladder, 4);
        writer.Write(ladder.StreamId);
        Write(ref writer, ladder.Epoch);
        writer.WriteArrayHeader(ladder.Qualities.Count);
        foreach (var quality in ladder.Qualities)
        {
            writer.WriteArrayHeader(11);
            writer.Write(quality.Track);
            writer.Write(quality.SpatialId);
            writer.Write(quality.TemporalLayers);
            writer.Write(quality.Width);
            writer.Write(quality.Height);
            writer.Write(quality.FramesPerSecond);
            writer.Write(quality.IsActive);
            for (var t = 0; t < 4; t++) writer.Write(quality.Rates[t]);
        }
    }

    private static RelayFrame.Subscribe ReadSubscribe(ref MessagePackReader reader, int fields)
    {
        var streamId = ReadText(ref reader);
        var version = reader.ReadInt32();
        var seen = reader.ReadInt32();
        var epoch = ReadEpoch(ref reader);
        var standby = reader.ReadBoolean();
        var wants = new RelayWant[ReadCount(ref reader, RelayProtocol.MaxTracks)];
        for (var i = 0; i < wants.Length; i++)
        {
            var parts = Expect(ref reader, 2);
            wants[i] = new RelayWant(ReadIndex(ref reader), reader.ReadInt64());
            SkipRest(ref reader, parts - 2);
        }

        var trace = fields >= 9 ? ReadText(ref reader) : null;
        return new RelayFrame.Subscribe(streamId, version, seen, epoch, standby, wants) { Trace = trace?.Length == TraceLength ? trace : null };
    }

    private static RelayFrame.State ReadState(ref MessagePackReader reader)
    {
        var streamId = ReadText(ref reader);
        var acknowledged = reader.ReadInt32();
        var version = reader.ReadInt32();
        var status = (RelayStatus)reader.ReadByte();
        var epoch = ReadEpoch(ref reader);
        var hops = new string[ReadCount(ref reader, RelayProtocol.MaxHops)];
        for (var i = 0; i < hops.Length; i++) hops[i] = ReadText(ref reader);
        var tracks = new RelayTrack[ReadCount(ref reader, RelayProtocol.MaxTracks)];
        for (var i = 0; i < tracks.Length; i++)
        {
            var fields = Expect(ref reader, 11);
            var codec = (CodecKind)reader.ReadByte();
            if (!Enum.IsDefined(codec)) throw new InvalidDataException();
            var parameters = ReadText(ref reader);
            var clock = reader.ReadInt32();
            if (clock is < 1000 or > 1_000_000) throw new InvalidDataException();
            tracks[i] = new RelayTrack(
                codec, parameters, clock, ReadText(ref reader), reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadUInt32(),
                reader.ReadInt64(), reader.ReadUInt32(), reader.ReadInt32(), reader.ReadInt64());
            SkipRest(ref reader, fields - 11);
        }

        return new RelayFrame.State(streamId, acknowledged, version, status, epoch, hops, tracks);
    }

    private static RelayFrame.Ladder ReadLadder(ref MessagePackReader reader)
    {
        var streamId = ReadText(ref reader);
        var epoch = ReadEpoch(ref reader);
        var qualities = new RelayQuality[ReadCount(ref reader, RelayProtocol.MaxTracks)];
        for (var i = 0; i < qualities.Length; i++)
        {
            var fields = Expect(ref reader, 11);
            var (track, spatial, temporal) = (ReadIndex(ref reader), reader.ReadInt32(), reader.ReadInt32());
            if (spatial is < 0 or > 3 || temporal is < 1 or > 4) throw new InvalidDataException();
            var (width, height) = (reader.ReadInt32(), reader.ReadInt32());
            var (frames, active) = (reader.ReadDouble(), reader.ReadBoolean());
            var rates = new TemporalRates(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
            qualities[i] = new RelayQuality(track, spatial, temporal, width, height, frames, active, rates);
            SkipRest(ref reader, fields - 11);
        }

        return new RelayFrame.Ladder(streamId, epoch, qualities);
    }

    private static PublicationEpoch ReadEpoch(ref MessagePackReader reader) => new(reader.ReadInt64(), reader.ReadUInt64());

    private static string ReadText(ref MessagePackReader reader)
    {
        var text = reader.ReadString() ?? "";
        return text.Length <= MaxTextLength ? text : throw new InvalidDataException();
    }

    private static int ReadIndex(ref MessagePackReader reader)
    {
        var index = reader.ReadInt32();
        return index is >= 0 and < RelayProtocol.MaxTracks ? index : throw new InvalidDataException();
    }

    private static int ReadCount(ref MessagePackReader reader, int most)
    {
        var count = reader.ReadArrayHeader();
        return count <= most ? count : throw new InvalidDataException();
    }

    private static int Expect(ref MessagePackReader reader, int least)
    {
        var fields = reader.ReadArrayHeader();
        return fields >= least && fields <= least + 16 ? fields : throw new InvalidDataException();
    }

    private static void SkipRest(ref MessagePackReader reader, int fields)
    {
        for (; fields > 0; fields--) reader.Skip();
    }
}
