using System.Text.Json;
using Broadcast.Server.Hosting;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace Broadcast.Server.Tests.Hosting;

public class LogTextTests
{
    private const string Hostile = "live\r\n12:00:00 INF Stream other is live\u001b[2J\u001b]0;title\u0007\u009b31m\u2028\u202Eevil";

    public static TheoryData<string> Odd => [Hostile, "\n", "\u001b", "\0", "\u007f", "\u0085", "\u2066x"];

    [Theory]
    [MemberData(nameof(Odd))]
    public void Whatever_a_value_holds_the_console_gets_one_line_of_plain_text(string value)
    {
        var written = Write(new LogText.Console(), log => log.Information("Stream {StreamId} of {UserAgent} and {Names}", "live", value, new[] { value, "b" }));
        AssertPlain(Assert.Single(Lines(written)));
    }

    [Fact]
    public void Lines_of_an_exception_are_indented_and_plain()
    {
        var lines = Lines(Write(new LogText.Console(), log => log.Error(new InvalidOperationException(Hostile), "It failed")));
        Assert.True(lines.Length > 1);
        Assert.All(lines, AssertPlain);
        Assert.All(lines[1..], line => Assert.StartsWith("  ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_has_one_object_a_line_that_says_the_same()
    {
        var written = Write(new RenderedCompactJsonFormatter(), log => log.Information("{StreamId} by {UserAgent}", Hostile, Hostile));
        var line = Assert.Single(Lines(written));
        AssertPlain(line);
        var entry = JsonDocument.Parse(line).RootElement;
        Assert.Contains("\\u001b[2J", entry.GetProperty("UserAgent").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_plain_is_left_as_it_is() => Assert.Equal("Zürich – 東京 \\u001b", LogText.Escape("Zürich – 東京 \\u001b"));

    private static string[] Lines(string written) => written.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private static void AssertPlain(string line) => Assert.Equal(LogText.Escape(line), line);

    private static string Write(ITextFormatter formatter, Action<Logger> write)
    {
        var sink = new Captured(formatter);
        using var log = new LoggerConfiguration().Enrich.With<LogText.Enricher>().WriteTo.Sink(sink).CreateLogger();
        write(log);
        return sink.Written.ToString();
    }

    private sealed class Captured(ITextFormatter formatter) : ILogEventSink
    {
        public StringWriter Written { get; } = new();

        public void Emit(LogEvent logEvent) => formatter.Format(logEvent, Written);
    }
}
