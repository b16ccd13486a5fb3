using System.Security.Cryptography;
using System.Text;

namespace Broadcast.Client.Connections;

/// <summary>One side's ICE credentials.</summary>
/// <param name="UsernameFragment">a=ice-ufrag.</param>
/// <param name="Password">a=ice-pwd, the key of checks sent to that side.</param>
internal sealed record IceParameters(string UsernameFragment, string Password)
{
    /// <summary>The password as key.</summary>
    public byte[] Key { get; } = Encoding.ASCII.GetBytes(Password);

    /// <summary>Fresh random credentials (RFC 8445 §5.3: at least 24 and 128 bits).</summary>
    public static IceParameters Create() => new(RandomNumberGenerator.GetHexString(8, lowercase: true), RandomNumberGenerator.GetHexString(32, lowercase: true));
}
