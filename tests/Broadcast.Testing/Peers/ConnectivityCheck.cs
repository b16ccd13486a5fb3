using System.Buffers.Binary;
using System.Text;
using Broadcast.Rtc.Stun;

namespace Broadcast.Testing.Peers;

/// <summary>Binding requests with whatever attributes a test wants.</summary>
public static class ConnectivityCheck
{
    /// <summary>PRIORITY of a peer-reflexive candidate.</summary>
    public static readonly (ushort Type, byte[] Value) Priority = (StunAttributeType.Priority, UInt32(1_845_501_695));

    /// <summary>USE-CANDIDATE.</summary>
    public static readonly (ushort Type, byte[] Value) UseCandidate = (StunAttributeType.UseCandidate, []);

    /// <summary>ICE-CONTROLLING.</summary>
    public static readonly (ushort Type, byte[] Value) Controlling = (StunAttributeType.IceControlling, new byte[8]);

    /// <summary>ICE-CONTROLLED.</summary>
    public static readonly (ushort Type, byte[] Value) Controlled = (StunAttributeType.IceControlled, new byte[8]);

    /// <summary>The renomination attribute.</summary>
    public static (ushort Type, byte[] Value) Nomination(uint value) => (StunAttributeType.Nomination, UInt32(value));

    /// <summary>Makes a request.</summary>
    /// <param name="transactionId">12 bytes.</param>
    /// <param name="username">"server:client"; null leaves USERNAME out.</param>
    /// <param name="password">The server's; empty leaves MESSAGE-INTEGRITY out.</param>
    /// <param name="attributes">In this order, behind USERNAME.</param>
    public static byte[] Build(ReadOnlySpan<byte> transactionId, string? username, string password, params ReadOnlySpan<(ushort Type, byte[] Value)> attributes)
    {
        var builder = new StunMessageBuilder(new byte[800], StunMessageType.BindingRequest, transactionId);
        if (username is not null) builder.AppendBytes(StunAttributeType.Username, Encoding.ASCII.GetBytes(username));
        foreach (var (type, value) in attributes) builder.AppendBytes(type, value);
        builder.Finish(Encoding.ASCII.GetBytes(password));
        return builder.Message.ToArray();
    }

    private static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
