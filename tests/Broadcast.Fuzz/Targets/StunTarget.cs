using Broadcast.Rtc;
using Broadcast.Rtc.Stun;

namespace Broadcast.Fuzz.Targets;

/// <summary>ICE checks and their answers.</summary>
internal sealed class StunTarget : FuzzTarget
{
    private static readonly byte[] Transaction = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    public override string Name => "stun";

    public override IReadOnlyList<byte[]> Corpus { get; } = [.. Messages(), .. Messages().Select(WithoutTail)];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (StunMessageView.TryParse(input, out var view) != DropReason.None) return false;
        Invariant.Holds(view.TransactionId.Length == 12, "a transaction id has 12 bytes");
        Invariant.Holds(view.ErrorCode is 0 or (>= 300 and <= 699), "an error code is 300 to 699");
        Invariant.Holds(!(view.IsControlled && view.IsControlling), "a sender has one role");
        if (view.TrySplitUsername(out var local, out var remote))
            Invariant.Holds(!local.IsEmpty && local.Length + 1 + remote.Length == view.Username.Length, "both fragments and the colon make the username");
        view.VerifyIntegrity("some password, 22 at least"u8);
        view.TryGetXorMappedAddress(out _);
        Span<ushort> unknown = stackalloc ushort[8];
        var count = view.CopyUnknownComprehensionRequired(unknown);
        Invariant.Holds(count > 0 == view.HasUnknownComprehensionRequired, "unknown attributes are listed when there are any");
        return true;
    }

    private static IEnumerable<byte[]> Messages()
    {
        var buffer = new byte[256];
        var length = StunWriter.WriteBindingRequest(buffer, Transaction, "server00:client00"u8, "password of the server"u8, 1_845_501_695, 42, controlling: true, useCandidate: true);
        yield return buffer[..length];
        length = StunWriter.WriteBindingSuccess(buffer, Transaction, new TransportAddress(System.Net.IPAddress.Parse("2001:db8::1"), 40_000), "password of the server"u8);
        yield return buffer[..length];
        length = StunWriter.WriteBindingError(buffer, Transaction, 420, "password of the server"u8, [0x7F, 0x0123]);
        yield return buffer[..length];
    }

    /// <summary>The same without MESSAGE-INTEGRITY and FINGERPRINT, so that mutations get behind the checksum.</summary>
    private static byte[] WithoutTail(byte[] message)
    {
        var bare = message[..^(24 + 8)];
        bare[2] = (byte)((bare.Length - 20) >> 8);
        bare[3] = (byte)(bare.Length - 20);
        return bare;
    }
}
