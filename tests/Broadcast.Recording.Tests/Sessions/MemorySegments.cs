using System.Buffers.Binary;
using Broadcast.Recording.Frames;
using Broadcast.Recording.Matroska;
using Broadcast.Recording.Sessions;
using Broadcast.Rtc;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;

namespace Broadcast.Recording.Tests.Sessions;

/// <summary>Keeps what was written as frames, by segment; fails like a disk when told to.</summary>
internal sealed class MemorySegments : ISegmentFiles
{
    public List<Segment> All { get; } = [];

    public bool IsFull { get; set; }

    public List<int> Repaired { get; } = [];

    public ISegmentWriter Create(RecordingId id, int number, SegmentContainer container, IReadOnlyList<TrackFormat> tracks, DateTimeOffset date)
    {
        ThrowIfFull();
        Assert.Equal(All.Count + 1, number);
        var segment = new Segment(this, number, container, [.. tracks]);
        All.Add(segment);
        return segment;
    }

    public void RequireRoom(RecordingId id) => ThrowIfFull();

    public RepairedSegment? Repair(RecordingId id, int number, SegmentContainer container)
    {
        ThrowIfFull();
        Repaired.Add(number);
        return new RepairedSegment(All[number - 1].FlushedDuration, All[number - 1].FlushedBytes);
    }

    private void ThrowIfFull()
    {
        if (IsFull) throw new IOException("No space left on device");
    }

    internal sealed class Segment(MemorySegments disk, int number, SegmentContainer container, TrackFormat[] tracks) : ISegmentWriter
    {
        private TimeSpan _end;
        private long _bytes;

        public int Number => number;

        public SegmentContainer Container => container;

        public TrackFormat[] Tracks => tracks;

        public List<Written> Frames { get; } = [];

        public bool IsClosed { get; private set; }

        public TimeSpan FlushedDuration { get; private set; }

        public long FlushedBytes { get; private set; }

        public IEnumerable<Written> Pictures => Frames.Where(frame => frame.IsVideo);

        public IEnumerable<Written> Sounds => Frames.Where(frame => !frame.IsVideo);

        public void Write(int track, TimeSpan time, bool isKeyframe, ReadOnlySpan<byte> data)
        {
            disk.ThrowIfFull();
            Assert.False(IsClosed);
            Assert.InRange(track, 0, tracks.Length - 1);
            Assert.True(time >= TimeSpan.Zero);
            var isVideo = tracks[track].Codec.Kind() == MediaKind.Video;
            Assert.True(Frames.LastOrDefault(frame => frame.IsVideo == isVideo) is not { } last || time >= last.Time);
            Frames.Add(new Written(isVideo, time, isKeyframe, data.ToArray()));
            if (time > _end) _end = time;
            _bytes += data.Length;
        }

        public void Flush()
        {
            disk.ThrowIfFull();
            (FlushedDuration, FlushedBytes) = (_end, _bytes);
        }

        public void Close()
        {
            Flush();
            IsClosed = true;
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A frame in a segment.</summary>
    internal sealed record Written(bool IsVideo, TimeSpan Time, bool IsKeyframe, byte[] Data)
    {
        /// <summary>The number that the synthetic publisher gave its picture.</summary>
        public int Number => BinaryPrimitives.ReadInt32BigEndian(Data.AsSpan((IsKeyframe ? 10 : 3) + 1));

        /// <summary>Which publisher made the picture.</summary>
        public byte Source => Data[IsKeyframe ? 10 : 3];
    }
}
