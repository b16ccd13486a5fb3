using Broadcast.Media.Routing;
using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Receive;

/// <summary>Keeps a track's H.264 parameter sets, and notices pictures that a decoder cannot begin with alone.</summary>
/// <remarks>Allocates only when a set changes. Owned by the publisher's worker.</remarks>
internal sealed class ParameterSetWatch(SourceTrack source)
{
    private uint _timestamp;
    private bool _seen;

    /// <summary>Looks at a packet of the track.</summary>
    /// <param name="payload">Its payload.</param>
    /// <param name="sequence">Extended sequence number on the track.</param>
    /// <param name="timestamp">Timestamp on the track.</param>
    /// <param name="startsKeyframe">An SPS or an IDR picture begins in it.</param>
    /// <returns>True when an IDR picture begins in it and no SPS has come with that picture.</returns>
    public bool Note(ReadOnlySpan<byte> payload, long sequence, uint timestamp, bool startsKeyframe)
    {
        if (H264ParameterSets.MayBeIn(payload)) Keep(payload, sequence);
        if (!startsKeyframe) return false;
        if (BeginsSequenceParameterSet(payload))
        {
            (_timestamp, _seen) = (timestamp, true);
            return false;
        }

        return !_seen || _timestamp != timestamp;
    }

    private void Keep(ReadOnlySpan<byte> payload, long sequence)
    {
        // What was overtaken by newer sets is over.
        var known = source.ParameterSets!;
        if (sequence < known.Since) return;
        var sets = known.Sets.With(payload);
        if (!ReferenceEquals(sets, known.Sets)) source.ParameterSets = new KnownParameterSets(sets, sequence);
    }

    private static bool BeginsSequenceParameterSet(ReadOnlySpan<byte> payload) =>
        H264Payload.TryParse(payload, out var parsed) == Rtc.DropReason.None && parsed.HasSequenceParameterSet;
}
