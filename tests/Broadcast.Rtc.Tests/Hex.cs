namespace Broadcast.Rtc.Tests;

/// <summary>Test bytes as people write them in RFCs and dumps.</summary>
internal static class Hex
{
    /// <summary>Bytes from hexadecimal digits; white space is free.</summary>
    public static byte[] Bytes(string digits) => Convert.FromHexString(string.Concat(digits.Where(c => !char.IsWhiteSpace(c))));
}
