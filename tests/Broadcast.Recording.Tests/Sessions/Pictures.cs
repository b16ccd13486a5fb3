using Broadcast.Testing.Media;

namespace Broadcast.Recording.Tests.Sessions;

/// <summary>Synthetic VP8, whole or damaged.</summary>
internal static class Pictures
{
    /// <summary>The payloads of a picture.</summary>
    public static IReadOnlyList<byte[]> Packetize(int number, bool isKeyframe)
    {
        var count = isKeyframe ? 6 : 2;
        var payloads = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            payloads[i] = new byte[200];
            new Vp8Content(1, number, (byte)i, (byte)count, isKeyframe).Write(payloads[i], (ushort)(number & 0x7FFF), (byte)number);
        }

        return payloads;
    }

    /// <summary>Now and then another length, or other bytes.</summary>
    public static byte[] Damage(byte[] payload, Random random)
    {
        switch (random.Next(60))
        {
            case 0: return payload[..random.Next(payload.Length)];
            case 1: return [];
            case 2:
                for (var i = 0; i < 8; i++) payload[random.Next(40)] = (byte)random.Next(256);
                return payload;
            default: return payload;
        }
    }
}
