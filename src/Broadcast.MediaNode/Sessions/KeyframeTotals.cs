using Broadcast.Media.Layers;

namespace Broadcast.MediaNode.Sessions;

/// <summary>What became of the wishes for keyframes, over all publications of the node.</summary>
/// <param name="Asked">Requests sent to publishers.</param>
/// <param name="Answered">Keyframes that came while a request was pending.</param>
/// <param name="Coalesced">Wishes that were satisfied by a request already on its way.</param>
/// <param name="ServedFromCache">Viewers who began with a cached keyframe instead.</param>
/// <param name="Refused">Wishes not passed on because the publisher does not honour requests.</param>
public readonly record struct KeyframeTotals(long Asked, long Answered, long Coalesced, long ServedFromCache, long Refused)
{
    /// <summary>The totals with those of one encoding added.</summary>
    public KeyframeTotals Plus(KeyframeBudget budget) => new(
        Asked + budget.Asked, Answered + budget.Answered, Coalesced + budget.Coalesced, ServedFromCache + budget.ServedFromCache, Refused + budget.Refused);
}
