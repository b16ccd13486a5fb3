using System.Text;

namespace Broadcast.Fuzz.Corpus;

/// <summary>The offers of tests/captures/sdp with the line ends of the wire.</summary>
internal static class SampleOffers
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "captures", "sdp");

    /// <summary>Those that send.</summary>
    public static IReadOnlyList<byte[]> Publishing { get; } = Read("*-publish*.sdp");

    /// <summary>Those that receive.</summary>
    public static IReadOnlyList<byte[]> Watching { get; } = Read("*-watch*.sdp");

    private static IReadOnlyList<byte[]> Read(string pattern) =>
        [.. Directory.GetFiles(Folder, pattern).Order(StringComparer.Ordinal).Select(file => Encoding.UTF8.GetBytes(File.ReadAllText(file).ReplaceLineEndings("\r\n")))];
}
