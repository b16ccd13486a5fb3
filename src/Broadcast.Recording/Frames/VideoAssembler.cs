namespace Broadcast.Recording.Frames;

/// <summary>What the assemblers of all video codecs have in common: where frames begin and end, and what a loss does.</summary>
internal abstract class VideoAssembler : FrameAssembler
{
    protected const int ClockRateHz = 90_000;

    /// <summary>A clock that runs back further than this was started again.</summary>
    private const long RestartDistance = 10 * ClockRateHz;

    /// <summary>How far a picture may be shown before one that was decoded earlier.</summary>
    private const long MaximumReordering = ClockRateHz;

    /// <summary>One packet can end a frame that waited for it, and be the whole of the next.</summary>
    private const int MaximumReady = 2;

    private readonly FrameBuffer[] _readyBuffers = [new(), new()];
    private readonly AssembledFrame[] _ready = new AssembledFrame[MaximumReady];
    private int _firstReady;
    private int _readyCount;
    private bool _isOpen;
    private bool _isBroken;
    private bool _hasMarkers;
    private bool _hasLast;
    private long _timestamp;
    private long _lastTimestamp;
    private bool _needsKeyframe = true;
    private long _droppedFrames;

    /// <summary>What became of the packets of one timestamp.</summary>
    protected enum Outcome
    {
        /// <summary>A frame.</summary>
        Frame,

        /// <summary>No picture was in it, such as parameter sets alone.</summary>
        Nothing,

        /// <summary>A frame that no other one needs and that cannot be decoded here.</summary>
        Skipped,

        /// <summary>Something is wrong with it.</summary>
        Broken,
    }

    /// <inheritdoc/>
    public override bool NeedsKeyframe => _needsKeyframe;

    /// <inheritdoc/>
    public override long DroppedFrames => _droppedFrames;

    /// <summary>The frame that is being put together.</summary>
    protected FrameBuffer Buffer { get; private set; } = new();

    /// <summary>Pictures may come in another order than they are shown.</summary>
    protected virtual bool MayReorder => false;

    /// <inheritdoc/>
    public override void Push(ReadOnlySpan<byte> payload, long timestamp, bool marker)
    {
        if (_isOpen && timestamp != _timestamp) End(isWhole: true);
        if (!_isOpen)
        {
            if (payload.IsEmpty) return;
            Begin(timestamp);
        }

        if (!payload.IsEmpty && !_isBroken && !TryAdd(payload)) _isBroken = true;
        if (!marker) return;
        _hasMarkers = true;
        End(isWhole: true);
    }

    /// <inheritdoc/>
    public override void NoteLoss()
    {
        _isBroken = true;
        _needsKeyframe = true;
    }

    /// <inheritdoc/>
    /// <remarks>A frame without its marker becomes one only if the publisher never sets any.</remarks>
    public override void Finish()
    {
        if (_isOpen) End(isWhole: !_hasMarkers);
    }

    /// <inheritdoc/>
    public override bool TryTake(out AssembledFrame frame)
    {
        frame = default;
        if (_readyCount == 0) return false;
        frame = _ready[_firstReady];
        _ready[_firstReady] = default;
        _firstReady = (_firstReady + 1) % MaximumReady;
        _readyCount--;
        return true;
    }

    /// <summary>Forgets the frame before.</summary>
    protected abstract void Reset();

    /// <summary>Adds a packet to the frame.</summary>
    /// <returns>False when the frame cannot become whole any more.</returns>
    protected abstract bool TryAdd(ReadOnlySpan<byte> payload);

    /// <summary>Completes what is in <see cref="Buffer"/>.</summary>
    /// <param name="isKeyframe">A decoder can begin with it.</param>
    /// <returns><see cref="Outcome.Frame"/> for a keyframe only with a <see cref="Format"/>.</returns>
    protected abstract Outcome Complete(out bool isKeyframe);

    /// <summary>Of the last keyframe; null before the first.</summary>
    protected TrackFormat? Format { get; private set; }

    /// <summary>Says what a keyframe tells of the track; nothing changes if it is the same as before.</summary>
    protected void SetFormat(TrackFormat format)
    {
        if (Format is null || !Format.IsSameAs(format)) Format = format;
    }

    private void Begin(long timestamp)
    {
        _isOpen = true;
        _isBroken = false;
        _timestamp = timestamp;
        Buffer.Clear();
        Reset();
        if (!_hasLast || timestamp > _lastTimestamp) return;

        var back = _lastTimestamp - timestamp;
        if (back >= RestartDistance) _needsKeyframe = true;
        else if (!MayReorder || back == 0 || back > MaximumReordering) _isBroken = true;
    }

    private void End(bool isWhole)
    {
        _isOpen = false;
        var isKeyframe = false;
        var outcome = isWhole && !_isBroken ? Complete(out isKeyframe) : Outcome.Broken;
        _isBroken = false;
        if (outcome == Outcome.Nothing) return;

        if (!_hasLast || _timestamp > _lastTimestamp || _lastTimestamp - _timestamp >= RestartDistance) _lastTimestamp = _timestamp;
        _hasLast = true;
        if (outcome == Outcome.Broken) _needsKeyframe = true;
        if (outcome != Outcome.Frame || Format is not { } format || (_needsKeyframe && !isKeyframe))
        {
            _droppedFrames++;
            return;
        }

        _needsKeyframe = false;
        Deliver(new AssembledFrame(_timestamp, isKeyframe, Buffer.Memory, format));
    }

    private void Deliver(in AssembledFrame frame)
    {
        if (_readyCount == MaximumReady)
        {
            // Nobody took them: without these the next ones are of no use either.
            _droppedFrames += MaximumReady + 1;
            _readyCount = 0;
            _needsKeyframe = true;
            return;
        }

        var place = (_firstReady + _readyCount++) % MaximumReady;
        _ready[place] = frame;
        (Buffer, _readyBuffers[place]) = (_readyBuffers[place], Buffer);
    }
}
