namespace Broadcast.Fuzz;

/// <summary>Runs a target on mutations of its corpus, without instrumentation: what every build can afford.</summary>
public static class SmokeRun
{
    /// <summary>How many inputs were accepted and how many refused.</summary>
    public readonly record struct Outcome(int Accepted, int Refused);

    /// <summary>Feeds the corpus, then that many mutations.</summary>
    /// <exception cref="FuzzFindingException">A target threw; the exception holds the input.</exception>
    public static Outcome Go(FuzzTarget target, int iterations, int seed)
    {
        ArgumentNullException.ThrowIfNull(target);
        var mutator = new Mutator(seed);
        var accepted = 0;
        foreach (var input in target.Corpus) accepted += Feed(target, input) ? 1 : 0;
        for (var i = 0; i < iterations; i++) accepted += Feed(target, mutator.Next(target.Corpus, target.IsText)) ? 1 : 0;
        return new Outcome(accepted, target.Corpus.Count + iterations - accepted);
    }

    private static bool Feed(FuzzTarget target, byte[] input)
    {
        try
        {
            return target.Run(input);
        }
        catch (Exception exception)
        {
            throw new FuzzFindingException(target.Name, input, exception);
        }
    }
}

/// <summary>An input that a parser does not survive.</summary>
public sealed class FuzzFindingException(string target, byte[] input, Exception cause)
    : Exception($"{target}: {cause.GetType().Name}: {cause.Message} Input: {Convert.ToHexString(input)}", cause)
{
    /// <summary>The input, to be added to a test.</summary>
    public byte[] Input { get; } = input;
}
