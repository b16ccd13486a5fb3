namespace Broadcast.Media.Sessions;

/// <summary>What a viewer asks of its video by the WHEP layer extension; null means "no wish", all null means automatic.</summary>
/// <remarks>An exact layer is a ceiling too: when it does not fit or falls silent, the next lower one is sent meanwhile.</remarks>
public sealed record LayerChoice
{
    /// <summary>Automatic: the best that fits.</summary>
    public static readonly LayerChoice Automatic = new();

    /// <summary>The simulcast encoding by the publisher's RID.</summary>
    public string? Rid { get; init; }

    /// <summary>The spatial layer, from 0.</summary>
    public int? SpatialId { get; init; }

    /// <summary>The temporal layer, from 0.</summary>
    public int? TemporalId { get; init; }

    /// <summary>Highest spatial layer.</summary>
    public int? MaxSpatialId { get; init; }

    /// <summary>Highest temporal layer.</summary>
    public int? MaxTemporalId { get; init; }

    /// <summary>Pixels across at which the picture is shown: the smallest layer at least this wide is the best that is sent.</summary>
    public int? MaxWidth { get; init; }

    /// <summary>Pixels down at which the picture is shown; as <see cref="MaxWidth"/>.</summary>
    public int? MaxHeight { get; init; }

    /// <summary>Bits per second of video.</summary>
    public long? MaxBitsPerSecond { get; init; }

    /// <summary>True when an exact layer is asked for, and not only a limit or nothing.</summary>
    public bool IsExact => this is not { Rid: null, SpatialId: null, TemporalId: null };

    /// <summary>True when nothing is asked for.</summary>
    public bool IsAutomatic => this == Automatic;
}

/// <summary>Outcome of <see cref="IMediaPlane.ChooseLayer"/>.</summary>
public enum LayerChoiceResult
{
    /// <summary>The choice holds from now on; the switch itself waits for a keyframe.</summary>
    Accepted,

    /// <summary>There is no such viewer session, or it is over.</summary>
    UnknownSession,

    /// <summary>The session has no video.</summary>
    NoVideo,

    /// <summary>No encoding has this RID, or no spatial or temporal layer this number.</summary>
    UnknownLayer,
}

/// <summary>One quality in which a track is published.</summary>
/// <param name="Rid">The simulcast encoding; empty without simulcast.</param>
/// <param name="SpatialId">The spatial layer within the encoding, from 0.</param>
/// <param name="TemporalLayers">Temporal layers, 1 to 4.</param>
/// <param name="Width">Pixels; 0 when unknown.</param>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="FramesPerSecond">With all temporal layers, over the last second.</param>
/// <param name="BitsPerSecond">Payload bits that a viewer of this quality gets, lower spatial layers that it needs included.</param>
/// <param name="Active">False while the publisher does not send it.</param>
public sealed record LayerSnapshot(
    string Rid, int SpatialId, int TemporalLayers, int Width, int Height, double FramesPerSecond, long BitsPerSecond, bool Active);

/// <summary>Why a viewer gets the quality that it gets.</summary>
public enum LayerLimit
{
    /// <summary>It is the best there is.</summary>
    None,

    /// <summary>The viewer asked for it, or its picture is shown no larger.</summary>
    Viewer,

    /// <summary>The estimate of the viewer's network.</summary>
    Bandwidth,

    /// <summary>The share of the node's uplink.</summary>
    Node,

    /// <summary>The stream's policy.</summary>
    Policy,

    /// <summary>A better one was chosen and waits for its keyframe.</summary>
    Keyframe,

    /// <summary>A better one fits, and is taken when it has done so for a while.</summary>
    Proof,
}

/// <summary>The quality of video that a viewer gets now.</summary>
/// <param name="Rid">The encoding; empty without simulcast.</param>
/// <param name="SpatialId">The spatial layer.</param>
/// <param name="TemporalId">The highest temporal layer sent.</param>
/// <param name="Width">Pixels; 0 when unknown.</param>
/// <param name="Height">Pixels; 0 when unknown.</param>
/// <param name="Automatic">False when the viewer chose an exact layer.</param>
/// <param name="Paused">True when video is not sent at all for want of bandwidth, of the viewer's network or the node: sound only.</param>
/// <param name="Limit">Why it is not better.</param>
public sealed record LayerInUse(string Rid, int SpatialId, int TemporalId, int Width, int Height, bool Automatic, bool Paused, LayerLimit Limit);
