using Broadcast.Rtc.Rtp;
using CsCheck;

namespace Broadcast.Rtc.Tests.Rtp;

public class NtpTimeTests
{
    [Fact]
    public void Unix_epoch_is_2208988800_seconds_after_1900()
    {
        Assert.Equal(0x83AA7E80_00000000ul, NtpTime.FromUnixNanoseconds(0));
        Assert.Equal(0, NtpTime.ToUnixNanoseconds(0x83AA7E80_00000000));
        Assert.Equal(0x83AA7E81_80000000ul, NtpTime.FromUnixNanoseconds(1_500_000_000));
    }

    [Fact]
    public void Seconds_after_2036_are_era_1()
    {
        var firstSecondOfEra1 = (4_294_967_296L - NtpTime.UnixEpochSeconds) * 1_000_000_000;
        Assert.Equal(0ul, NtpTime.FromUnixNanoseconds(firstSecondOfEra1));
        Assert.Equal(firstSecondOfEra1, NtpTime.ToUnixNanoseconds(0));
    }

    [Fact]
    public void Nanoseconds_survive_the_round_trip() =>
        Gen.Long[0, 4_000_000_000_000_000_000].Sample(nanoseconds =>
            NtpTime.ToUnixNanoseconds(NtpTime.FromUnixNanoseconds(nanoseconds / 2)) == nanoseconds / 2
            && NtpTime.ToNanoseconds(NtpTime.FromNanoseconds(nanoseconds)) == nanoseconds);

    /// <summary>The worked example of RFC 3550 §6.4.1, Figure 2: 6.125 s of round trip.</summary>
    [Fact]
    public void Round_trip_of_the_rfc_3550_example()
    {
        Assert.Equal(0xB705_2000u, NtpTime.Compact(0xB44D_B705_2000_0000));
        Assert.True(NtpTime.TryRoundTrip(0xB710_8000, 0xB705_2000, 0x0005_4000, out var nanoseconds));
        Assert.Equal(6_125_000_000, nanoseconds);
    }

    [Fact]
    public void Round_trip_is_absent_without_a_sender_report_and_never_negative()
    {
        Assert.False(NtpTime.TryRoundTrip(1, 0, 0, out _));
        Assert.True(NtpTime.TryRoundTrip(10, 10, 5, out var nanoseconds));
        Assert.Equal(0, nanoseconds);
    }

    [Fact]
    public void Compact_intervals_saturate()
    {
        Assert.Equal(0u, NtpTime.CompactFromNanoseconds(-1));
        Assert.Equal(0x0005_4000u, NtpTime.CompactFromNanoseconds(5_250_000_000));
        Assert.Equal(uint.MaxValue, NtpTime.CompactFromNanoseconds(long.MaxValue));
        Assert.Equal(5_250_000_000, NtpTime.CompactToNanoseconds(0x0005_4000));
    }
}
