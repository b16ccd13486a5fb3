namespace Broadcast.Rtc.Payloads;

/// <summary>What one H.264 RTP payload holds (RFC 6184); all units of an aggregate are looked at.</summary>
/// <param name="HasSequenceParameterSet">An SPS is in it or begins in it.</param>
/// <param name="HasPictureParameterSet">A PPS is in it or begins in it.</param>
/// <param name="HasIdr">Any part of an IDR picture is in it.</param>
/// <param name="StartsIdr">The first slice of an IDR picture begins in it.</param>
/// <param name="CanStartFrame">Something begins in it that can only come at the beginning of an access unit: a delimiter, parameter
/// set, SEI or the first slice (ITU-T H.264 §7.4.1.2.3).</param>
/// <param name="Size">From the SPS, cropping applied; unknown without one.</param>
public readonly record struct H264Payload(
    bool HasSequenceParameterSet, bool HasPictureParameterSet, bool HasIdr, bool StartsIdr, bool CanStartFrame, FrameSize Size)
{
    private const int NonIdrSlice = 1;
    private const int PartitionASlice = 2;
    private const int IdrSlice = 5;
    private const int Sei = 6;
    private const int Sps = 7;
    private const int Pps = 8;
    private const int Delimiter = 9;

    /// <summary>Looks at a payload.</summary>
    /// <returns><see cref="DropReason.PayloadTruncated"/> or <see cref="DropReason.PayloadMalformed"/> for bad input; what was found
    /// before the bad place is in <paramref name="payload"/> all the same.</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> data, out H264Payload payload)
    {
        bool sps = false, pps = false, idr = false, startsIdr = false, canStart = false;
        var size = default(FrameSize);
        var reader = new H264NalUnitReader(data);
        while (reader.TryRead(out var unit))
        {
            idr |= unit.Type == IdrSlice;
            if (!unit.IsStart) continue;
            switch (unit.Type)
            {
                case NonIdrSlice or PartitionASlice:
                    canStart |= IsFirstSlice(unit.Body);
                    break;
                case IdrSlice:
                    startsIdr |= IsFirstSlice(unit.Body);
                    canStart |= startsIdr;
                    break;
                case Sps:
                    sps = canStart = true;
                    size = H264SequenceParameterSet.ReadSize(unit.Body);
                    break;
                case Pps:
                    pps = canStart = true;
                    break;
                case Sei or Delimiter:
                    canStart = true;
                    break;
            }
        }

        payload = new H264Payload(sps, pps, idr, startsIdr, canStart, size);
        return reader.Reason;
    }

    /// <summary>first_mb_in_slice is 0: ue(v) writes 0 as a single one bit.</summary>
    private static bool IsFirstSlice(ReadOnlySpan<byte> body) => !body.IsEmpty && (body[0] & 0x80) != 0;
}
