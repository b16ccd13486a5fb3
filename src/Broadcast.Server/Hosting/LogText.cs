using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Broadcast.Server.Hosting;

/// <summary>Makes text that others chose harmless in a log: it can begin no line of its own and command no terminal.</summary>
internal static class LogText
{
    /// <summary>Control characters, line separators and marks that reorder text become <c>\u001b</c> and the like.</summary>
    public static string Escape(string text)
    {
        if (!text.Any(IsOdd)) return text;
        var escaped = new StringBuilder(text.Length + 16);
        foreach (var character in text)
        {
            if (IsOdd(character)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else escaped.Append(character);
        }

        return escaped.ToString();
    }

    private static bool IsOdd(char character) => char.IsControl(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Escapes the values of every message, whatever it is written to.</summary>
    public sealed class Enricher : ILogEventEnricher
    {
        public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
        {
            foreach (var (name, value) in logEvent.Properties)
            {
                if (Clean(value) is { } clean && !ReferenceEquals(clean, value)) logEvent.AddOrUpdateProperty(new LogEventProperty(name, clean));
            }
        }

        // Other objects are written by their ToString, which may hold anything.
        private static LogEventPropertyValue Clean(LogEventPropertyValue value)
        {
            if (value is SequenceValue sequence) return new SequenceValue(sequence.Elements.Select(Clean));
            if (value is not ScalarValue { Value: { } inner } || inner is IFormattable) return value;
            var text = inner as string ?? inner.ToString() ?? "";
            var clean = Escape(text);
            return clean == text ? value : new ScalarValue(clean);
        }
    }

    /// <summary>Lines of the console. Those of an exception are indented, so that none of them can be taken for a message.</summary>
    public sealed class Console : ITextFormatter
    {
        private static readonly MessageTemplateTextFormatter Message = new("{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}", CultureInfo.InvariantCulture);

        public void Format(LogEvent logEvent, TextWriter output)
        {
            Message.Format(logEvent, output);
            if (logEvent.Exception is not { } exception) return;
            foreach (var line in exception.ToString().EnumerateLines()) output.WriteLine($"  {Escape(line.ToString())}");
        }
    }
}
