namespace Broadcast.Rtc.Payloads;

/// <summary>What one H.265 RTP payload holds (RFC 7798); all units of an aggregate are looked at.</summary>
/// <param name="HasVideoParameterSet">A VPS is in it or begins in it.</param>
/// <param name="HasSequenceParameterSet">An SPS is in it or begins in it.</param>
/// <param name="HasPictureParameterSet">A PPS is in it or begins in it.</param>
/// <param name="StartsRandomAccessPicture">The first slice of an intra random access point (IDR, BLA, CRA) begins in it.</param>
/// <param name="CanStartFrame">Something begins in it that can only come at the beginning of an access unit
/// (ITU-T H.265 §7.4.2.4.4).</param>
/// <param name="Size">From the SPS, conformance window applied; unknown without one.</param>
public readonly record struct H265Payload(
    bool HasVideoParameterSet,
    bool HasSequenceParameterSet,
    bool HasPictureParameterSet,
    bool StartsRandomAccessPicture,
    bool CanStartFrame,
    FrameSize Size)
{
    private const int MaximumSlice = 31;
    private const int FirstRandomAccess = 16;
    private const int LastRandomAccess = 23;
    private const int Vps = 32;
    private const int Sps = 33;
    private const int Pps = 34;
    private const int Delimiter = 35;
    private const int PrefixSei = 39;

    /// <summary>Looks at a payload.</summary>
    /// <returns><see cref="DropReason.PayloadTruncated"/> or <see cref="DropReason.PayloadMalformed"/> for bad input; what was found
    /// before the bad place is in <paramref name="payload"/> all the same.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> data, out H265Payload payload)
    {
        bool vps = false, sps = false, pps = false, randomAccess = false, canStart = false;
        var size = default(FrameSize);
        var reader = new H265NalUnitReader(data);
        while (reader.TryRead(out var unit))
        {
            if (!unit.IsStart) continue;
            switch (unit.Type)
            {
                case <= MaximumSlice:
                    // first_slice_segment_in_pic_flag
                    if (unit.Body.IsEmpty || (unit.Body[0] & 0x80) == 0) break;
                    canStart = true;
                    randomAccess |= unit.Type is >= FirstRandomAccess and <= LastRandomAccess;
                    break;
                case Vps:
                    vps = canStart = true;
                    break;
                case Sps:
                    sps = canStart = true;
                    size = H265SequenceParameterSet.ReadSize(unit.Body);
                    break;
                case Pps:
                    pps = canStart = true;
                    break;
                case Delimiter or PrefixSei:
                    canStart = true;
                    break;
            }
        }

        payload = new H265Payload(vps, sps, pps, randomAccess, canStart, size);
        return reader.Reason;
    }
}
