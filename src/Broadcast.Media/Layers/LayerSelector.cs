using Broadcast.Media.Routing;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Layers;

/// <summary>Decides which layers of one encoding a viewer gets, and changes only where no decoder notices.</summary>
/// <remarks>
/// Keeps the set of decode targets that what has been forwarded so far can serve. A frame that is left out takes away those
/// that need it; a frame that says so gives one back, if the target with one temporal layer less is intact; a key picture
/// gives all. A change happens at the beginning of a picture, when the wanted target is in the set: downwards that is the
/// next picture wherever lower layers were part of what was sent. The same for every codec.
/// </remarks>
public struct LayerSelector
{
    private const ushort AllTargets = 0xFFFF;

    /// <summary>Bits with temporal layer 0 of each spatial layer.</summary>
    private const ushort LowestOfEach = 0x1111;

    private ushort _intact;
    private uint _picture;
    private bool _started;
    private bool _leavesLowerOut;

    /// <summary>What is forwarded now.</summary>
    public LayerSelection Current { get; private set; }

    /// <summary>What shall be forwarded as soon as it can.</summary>
    public LayerSelection Target { get; set; }

    /// <summary>True while a change waits for a picture at which it may happen.</summary>
    public readonly bool IsChanging => Current != Target;

    /// <summary>True when the change can only happen at a key picture: another spatial layer, which is not intact.</summary>
    public readonly bool NeedsKeyframe => Current.SpatialId != Target.SpatialId && (_intact & Target.Bit) == 0;

    /// <summary>Begins anew at a key picture.</summary>
    public void Restart(LayerSelection target)
    {
        (Current, Target) = (target, target);
        _intact = AllTargets;
        _started = _leavesLowerOut = false;
    }

    /// <summary>Takes the next packet in order and says whether it is forwarded.</summary>
    /// <param name="packet">Newer than all before.</param>
    /// <param name="isAfterHole">
    /// True when packets before it are missing. They may belong to the same picture, and are treated as before the change when
    /// they come: only where a picture surely begins is it changed nevertheless.
    /// </param>
    public bool Next(in LoggedPacket packet, bool isAfterHole = false)
    {
        var marks = packet.Layers;
        if (!marks.IsLayered) return true;

        if (isAfterHole) _intact &= Certain;
        var after = marks.Switches == AllTargets ? AllTargets : (ushort)(_intact | Regained(marks.Switches));
        if (Current != Target && (!_started || packet.Timestamp != _picture) && (!isAfterHole || BeginsPicture(packet))) Change(after);
        _picture = packet.Timestamp;
        _started = true;
        if (!Current.Wants(marks))
        {
            _intact &= (ushort)~marks.Targets;
            _leavesLowerOut |= marks.SpatialId < Current.SpatialId && marks.TemporalId <= Current.TemporalId;
            return false;
        }

        // The upper layers of a key picture would give back what was just taken away by leaving one of them out.
        _intact = marks.SpatialId == 0 || marks.Switches != AllTargets ? after : _intact;
        return true;
    }

    /// <summary>Notes that a packet that came late is left out, for its frame was not wanted at its time.</summary>
    public void Miss(in LayerMarks marks) => _intact &= (ushort)~marks.Targets;

    /// <summary>
    /// The targets that lose nothing if what is missing was not wanted: all of what they need is forwarded. Others get theirs
    /// back as after a frame that was left out. Lower spatial layers are among them where they are part of what is sent.
    /// </summary>
    private readonly ushort Certain
    {
        get
        {
            var temporals = 0xF >> (3 - Current.TemporalId);
            var spatials = _leavesLowerOut ? 1 << (Current.SpatialId * 4) : LowestOfEach & ((1 << ((Current.SpatialId * 4) + 1)) - 1);
            return (ushort)(temporals * spatials);
        }
    }

    private static bool BeginsPicture(in LoggedPacket packet) => packet.StartsKeyframe || (packet.StartsFrame && packet.Layers.SpatialId == 0);

    /// <summary>Goes over to the target, or as far toward its temporal layer as is possible.</summary>
    private void Change(ushort possible)
    {
        if ((possible & Target.Bit) != 0)
        {
            Current = Target;
            return;
        }

        var temporal = Target.TemporalId;
        while (temporal > Current.TemporalId && (possible & new LayerSelection(Current.SpatialId, temporal).Bit) == 0) temporal--;
        Current = new LayerSelection(Current.SpatialId, temporal);
    }

    /// <summary>The targets that a frame gives back: each needs the one below it, three steps at most.</summary>
    private readonly ushort Regained(ushort switches)
    {
        var intact = _intact;
        for (var step = 0; step < 3; step++) intact |= (ushort)(switches & (intact << 1) & ~LowestOfEach);
        return intact;
    }
}
