namespace Broadcast.Rtc.Rtp;

/// <summary>Arithmetic on 16-bit sequence numbers, modulo 2^16 (RFC 1982).</summary>
public static class SequenceNumber
{
    /// <summary>True when <paramref name="a"/> comes after <paramref name="b"/> and is at most 32,767 ahead.</summary>
    public static bool IsNewer(ushort a, ushort b) => (short)(a - b) > 0;

    /// <summary>Steps from <paramref name="from"/> to <paramref name="to"/>, −32,768 to 32,767; positive when <paramref name="to"/> is newer.</summary>
    public static int Distance(ushort from, ushort to) => (short)(to - from);
}
