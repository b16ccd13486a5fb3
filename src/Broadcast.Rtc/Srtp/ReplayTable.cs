namespace Broadcast.Rtc.Srtp;

/// <summary>The replay windows of one direction by SSRC; holds as many as it is told to.</summary>
/// <remarks>A linear search: a publisher has fewer than ten streams, and packets come in runs of one stream.</remarks>
internal sealed class ReplayTable(int windowSize, int maxStreams)
{
    /// <summary>Streams of one session of a browser; a publisher with three layers, RTX and audio has seven.</summary>
    public const int MaxStreams = 32;

    private uint[] _ssrcs = [];
    private ReplayWindow[] _windows = [];
    private int _count;
    private int _last;

    public bool IsFull => _count >= maxStreams;

    /// <summary>The window of a stream, or null if none of its packets was authenticated yet.</summary>
    public ReplayWindow? Find(uint ssrc)
    {
        if (_last < _count && _ssrcs[_last] == ssrc) return _windows[_last];
        var found = _ssrcs.AsSpan(0, _count).IndexOf(ssrc);
        if (found < 0) return null;
        _last = found;
        return _windows[found];
    }

    /// <summary>Adds a stream of which a packet has been authenticated.</summary>
    public ReplayWindow Add(uint ssrc)
    {
        if (_count == _ssrcs.Length)
        {
            var capacity = Math.Clamp(_count * 2, 2, maxStreams);
            Array.Resize(ref _ssrcs, capacity);
            Array.Resize(ref _windows, capacity);
        }

        _ssrcs[_count] = ssrc;
        return _windows[_count++] = new ReplayWindow(windowSize);
    }

    /// <summary>Forgets a stream that is over.</summary>
    public void Remove(uint ssrc)
    {
        var found = _ssrcs.AsSpan(0, _count).IndexOf(ssrc);
        if (found < 0) return;
        _count--;
        (_ssrcs[found], _windows[found]) = (_ssrcs[_count], _windows[_count]);
    }
}
