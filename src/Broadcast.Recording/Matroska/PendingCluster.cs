using System.Buffers.Binary;

namespace Broadcast.Recording.Matroska;

/// <summary>The blocks of the cluster that is not written yet, in the order of time. Owned by one thread.</summary>
/// <remarks>
/// Players refuse a block that is earlier than the one before in its cluster, or earlier than the cluster. So a cluster is written
/// only when it is whole, sorted, and its size is known. Blocks of one track keep their order: pictures may be shown in another order than they are decoded.
/// </remarks>
internal sealed class PendingCluster : IDisposable
{
    /// <summary>SimpleBlock, 4 bytes of size, track, 2 bytes of time, flags.</summary>
    private const int BlockHeaderLength = 9;

    private const int TimeOffset = 6;
    private const byte KeyframeFlag = 0x80;

    private readonly EbmlWriter _blocks = new();
    private readonly EbmlWriter _cluster = new();
    private readonly List<Block> _order = [];
    private readonly bool[] _isOpus;

    public PendingCluster(bool[] isOpus) => _isOpus = isOpus;

    public int Count => _order.Count;

    public bool IsEmpty => _order.Count == 0;

    /// <summary>Bytes of all blocks.</summary>
    public int Length => _blocks.Length;

    /// <summary>The earliest time, in milliseconds.</summary>
    public long Start { get; private set; }

    /// <summary>The latest time, in milliseconds.</summary>
    public long End { get; private set; }

    public void Dispose()
    {
        _blocks.Dispose();
        _cluster.Dispose();
    }

    /// <param name="track">From 0.</param>
    /// <param name="time">When it is shown, in milliseconds.</param>
    /// <param name="orderTime">Never less than that of the track's last one.</param>
    /// <param name="isKeyframe">A decoder can begin here.</param>
    /// <param name="data">Of the frame.</param>
    public void Add(int track, long time, long orderTime, bool isKeyframe, ReadOnlySpan<byte> data)
    {
        Start = IsEmpty ? time : Math.Min(Start, time);
        End = IsEmpty ? time : Math.Max(End, time);
        var at = _blocks.Length;
        _blocks.WriteId(EbmlId.SimpleBlock);
        _blocks.WriteSize(data.Length + 4, EbmlWriter.MasterSizeLength);
        var room = _blocks.Append(4 + data.Length);
        room[0] = (byte)(0x80 | (track + 1));
        room[3] = isKeyframe ? KeyframeFlag : (byte)0;
        data.CopyTo(room[4..]);

        var place = _order.Count;
        while (place > 0 && _order[place - 1].OrderTime > orderTime) place--;
        _order.Insert(place, new Block(orderTime, time, at, _blocks.Length - at, track, isKeyframe));
    }

    /// <summary>Makes a cluster of all blocks; they are gone then.</summary>
    /// <param name="clusterAt">Where the cluster will lie in the file.</param>
    /// <param name="videoTrack">From 0; −1 for none.</param>
    /// <param name="index">Gets its blocks and the places to begin.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<byte> Take(long clusterAt, int videoTrack, SegmentIndex index)
    {
        _cluster.Clear();
        var master = _cluster.BeginMaster(EbmlId.Cluster);
        _cluster.WriteUnsigned(EbmlId.Timestamp, (ulong)Start);
        foreach (var block in _order) Put(block, clusterAt, videoTrack, index);
        _cluster.EndMaster(master);
        if (videoTrack < 0) index.AddCue(Start, _order[0].Track, clusterAt);
        _order.Clear();
        _blocks.Clear();
        return _cluster.Written;
    }

    private void Put(in Block block, long clusterAt, int videoTrack, SegmentIndex index)
    {
        var bytes = _blocks.At(block.At, block.Length);
        BinaryPrimitives.WriteInt16BigEndian(bytes[TimeOffset..], (short)(block.Time - Start));
        bytes.CopyTo(_cluster.Append(block.Length));
        index.AddBlock(block.Track, _isOpus[block.Track], block.Time, bytes[BlockHeaderLength..]);
        if (block.Track == videoTrack && block.IsKeyframe) index.AddCue(block.Time, block.Track, clusterAt);
    }

    private readonly record struct Block(long OrderTime, long Time, int At, int Length, int Track, bool IsKeyframe);
}
