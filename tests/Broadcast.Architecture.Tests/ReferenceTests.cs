namespace Broadcast.Architecture.Tests;

/// <summary>References point one way (ARCHITECTURE.md): Server → {Signalling, MediaNode} → Media → Rtc; Server → Usage → Signalling; Server → Recording → {Vod → Signalling, Media}; Server → Grains → {Grains.Abstractions, Trees → Rtc}; Grains, MediaNode → RelayPlane.</summary>
public class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Broadcast.Rtc"] = [],
        ["Broadcast.Media"] = ["Broadcast.Rtc"],
        ["Broadcast.MediaNode"] = ["Broadcast.Rtc", "Broadcast.Media", "Broadcast.RelayPlane"],
        ["Broadcast.Trees"] = ["Broadcast.Rtc"],
        ["Broadcast.RelayPlane"] = [],
        ["Broadcast.Grains.Abstractions"] = [],
        ["Broadcast.Grains"] = ["Broadcast.Grains.Abstractions", "Broadcast.RelayPlane", "Broadcast.Trees", "Broadcast.Rtc"],
        ["Broadcast.Signalling"] = ["Broadcast.Rtc", "Broadcast.Media"],
        ["Broadcast.Usage"] = ["Broadcast.Rtc", "Broadcast.Media", "Broadcast.Signalling"],
        ["Broadcast.Vod"] = ["Broadcast.Rtc", "Broadcast.Media", "Broadcast.Signalling"],
        ["Broadcast.Recording"] = ["Broadcast.Rtc", "Broadcast.Media", "Broadcast.Vod"],
    };

    public static TheoryData<string> Projects() => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_refers_only_to_those_below_it(string project)
    {
        var assembly = AssemblyView.Read(project);
        var broadcast = assembly.References.Where(name => name.StartsWith("Broadcast.", StringComparison.Ordinal));
        Assert.Empty(broadcast.Except(Allowed[project]));
    }

    [Theory]
    [InlineData("Broadcast.Rtc")]
    [InlineData("Broadcast.Media")]
    [InlineData("Broadcast.Trees")]
    [InlineData("Broadcast.RelayPlane")]
    public void Protocols_and_engine_refer_to_the_base_library_only(string project)
    {
        string[] foreign = ["Microsoft.", "Orleans.", "Serilog", "System.Net.Sockets", "System.Diagnostics.DiagnosticSource"];
        var references = AssemblyView.Read(project).References;
        Assert.NotEmpty(references);
        Assert.DoesNotContain(references, name => foreign.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }
}
