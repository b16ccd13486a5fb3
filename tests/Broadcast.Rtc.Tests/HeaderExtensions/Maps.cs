using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

/// <summary>Negotiation results for tests.</summary>
internal static class Maps
{
    /// <summary>Every kind, with ids counting up from <paramref name="firstId"/> (15 is skipped).</summary>
    public static HeaderExtensionMap All(byte firstId)
    {
        var map = new HeaderExtensionMap();
        var id = firstId;
        foreach (var kind in Enum.GetValues<HeaderExtensionKind>())
        {
            if (id == 15) id++;
            Assert.True(map.TryAdd(kind, id++));
        }

        return map;
    }

    /// <summary>Some kinds with their ids.</summary>
    public static HeaderExtensionMap Of(params (HeaderExtensionKind Kind, byte Id)[] entries)
    {
        var map = new HeaderExtensionMap();
        foreach (var (kind, id) in entries) Assert.True(map.TryAdd(kind, id));
        return map;
    }
}
