using Broadcast.Rtc.Sdp;

namespace Broadcast.Rtc.Tests.Sdp;

/// <summary>The offers of tests/captures/sdp, with the line ends of the wire.</summary>
internal static class Offers
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "captures", "sdp");

    /// <summary>File names without extension.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.sdp").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    /// <summary>Those that send.</summary>
    public static IReadOnlyList<string> Publishing { get; } = [.. Names.Where(n => n.Contains("-publish", StringComparison.Ordinal))];

    /// <summary>Those that receive.</summary>
    public static IReadOnlyList<string> Watching { get; } = [.. Names.Where(n => n.Contains("-watch", StringComparison.Ordinal))];

    public static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name + ".sdp")).ReplaceLineEndings("\r\n");

    public static SessionDescription Read(string name) => Parse(Text(name));

    public static SessionDescription Parse(string text)
    {
        Assert.True(SessionDescription.TryParse(text, out var description, out var error), error);
        return description;
    }

    public static TheoryData<string> All() => [.. Names];

    public static TheoryData<string> AllPublishing() => [.. Publishing];

    public static TheoryData<string> AllWatching() => [.. Watching];
}
