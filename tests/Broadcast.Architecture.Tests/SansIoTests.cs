namespace Broadcast.Architecture.Tests;

/// <summary>Protocols, engine and tree planner are functions of their arguments: no sockets, clocks, threads of their own, chance or logs.</summary>
public class SansIoTests
{
    /// <summary>Types that bring in the world; async methods show as their state machine's builder.</summary>
    private static readonly string[] ForbiddenTypes =
    [
        "System.Threading.Tasks.Task",
        "System.Threading.Tasks.ValueTask",
        "System.Runtime.CompilerServices.AsyncTaskMethodBuilder",
        "System.Runtime.CompilerServices.AsyncValueTaskMethodBuilder",
        "System.Runtime.CompilerServices.AsyncVoidMethodBuilder",
        "System.Runtime.CompilerServices.AsyncIteratorMethodBuilder",
        "System.Threading.Thread",
        "System.Threading.ThreadPool",
        "System.Threading.Timer",
        "System.Threading.Monitor",
        "System.Threading.Lock",
        "System.Timers.Timer",
        "System.TimeProvider",
        "System.Diagnostics.Stopwatch",
        "System.Net.Sockets.Socket",
        "System.Net.Sockets.UdpClient",
        "System.Net.Http.HttpClient",
        "System.Console",
        "System.IO.File",
        "Microsoft.Extensions.Logging.ILogger",
    ];

    private static readonly string[] ForbiddenMembers =
    [
        "System.DateTime.get_Now",
        "System.DateTime.get_UtcNow",
        "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow",
        "System.Environment.get_TickCount",
        "System.Environment.get_TickCount64",
        "System.Random.get_Shared",
        "System.Random..ctor",
    ];

    [Theory]
    [InlineData("Broadcast.Rtc")]
    [InlineData("Broadcast.Media")]
    [InlineData("Broadcast.Trees")]
    public void Assembly_mentions_no_type_of_the_outside_world(string project)
    {
        var mentioned = AssemblyView.Read(project).Types;
        Assert.NotEmpty(mentioned);
        Assert.DoesNotContain(mentioned, type => ForbiddenTypes.Any(forbidden => type == forbidden || type.StartsWith(forbidden + "`", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Broadcast.Rtc")]
    [InlineData("Broadcast.Media")]
    [InlineData("Broadcast.Trees")]
    public void Assembly_reads_no_clock_and_throws_no_dice(string project)
    {
        var mentioned = AssemblyView.Read(project).Members;
        Assert.NotEmpty(mentioned);
        Assert.Empty(mentioned.Intersect(ForbiddenMembers));
    }

    [Fact]
    public void The_shell_is_found_out_by_the_same_test()
    {
        var shell = AssemblyView.Read("Broadcast.MediaNode");
        Assert.NotEmpty(shell.Types.Intersect(ForbiddenTypes));
        Assert.NotEmpty(shell.Members.Intersect(ForbiddenMembers));
    }
}
