using MessagePack;

namespace Broadcast.Signalling.Operate.Figures;

/// <summary>The last minutes of a node, a stream, a link or a session.</summary>
/// <param name="StepSeconds">From one sample to the next.</param>
/// <param name="Series">Each oldest first and of the same length; the newest sample is at most a step old. Not a number for gaps.</param>
[MessagePackObject]
public sealed record PastFigures([property: Key(0)] int StepSeconds, [property: Key(1)] IReadOnlyList<float[]> Series)
{
    /// <summary>Nothing is remembered.</summary>
    public static readonly PastFigures None = new((int)FigureHistory.Step.TotalSeconds, []);
}

/// <summary>Of what the last minutes are wanted.</summary>
public static class PastSubject
{
    /// <summary>A node: viewers, bits per second sent, share of the busiest thread's time.</summary>
    public const string Node = "node";

    /// <summary>A stream at a node: bits per second received, viewers, fraction lost.</summary>
    public static string Stream(string streamId) => "stream/" + streamId;

    /// <summary>What comes from another node: bits per second, fraction lost, round trip in milliseconds.</summary>
    public static string Link(string parent) => "link/" + parent;

    /// <summary>A session: bits per second, fraction lost, round trip in milliseconds.</summary>
    public static string Session(string sessionId) => "session/" + sessionId;
}
