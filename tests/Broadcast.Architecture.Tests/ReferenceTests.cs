namespace Broadcast.Architecture.Tests;

/// <summary>References point one way (ARCHITECTURE.md): Server → {Signalling, MediaNode} → Media → Rtc.</summary>
public class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Broadcast.Rtc"] = [],
        ["Broadcast.Media"] = ["Broadcast.Rtc"],
        ["Broadcast.MediaNode"] = ["Broadcast.Rtc", "Broadcast.Media"],
        ["Broadcast.Signalling"] = ["Broadcast.Rtc", "Broadcast.Media"],
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
    public void Protocols_and_engine_refer_to_the_base_library_only(string project)
    {
        string[] foreign = ["Microsoft.", "Orleans.", "Serilog", "System.Net.Sockets", "System.Diagnostics.DiagnosticSource"];
        var references = AssemblyView.Read(project).References;
        Assert.NotEmpty(references);
        Assert.DoesNotContain(references, name => foreign.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }
}
