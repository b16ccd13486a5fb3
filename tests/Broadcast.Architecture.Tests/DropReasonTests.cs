using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Broadcast.Rtc;

namespace Broadcast.Architecture.Tests;

/// <summary>Operators read the drop reasons in the metrics: one that nothing ever counts would promise what is not watched.</summary>
public partial class DropReasonTests
{
    [Fact]
    public void Every_drop_reason_is_used_outside_its_declaration()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "DropReason.cs" && !file.Split(Path.DirectorySeparatorChar).Contains("obj"));
        var used = sources.SelectMany(file => Mention().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Empty(Enum.GetNames<DropReason>().Except(used));
    }

    // Names of constants are gone from a built assembly, so this one rule is read from the sources.
    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex(@"\bDropReason\.([A-Za-z0-9]+)")]
    private static partial Regex Mention();
}
