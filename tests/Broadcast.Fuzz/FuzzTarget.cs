namespace Broadcast.Fuzz;

/// <summary>One parser under fuzzing: what it is fed, and what must hold whatever that is.</summary>
/// <remarks>One thread at a time. An exception of any kind is a finding.</remarks>
public abstract class FuzzTarget
{
    /// <summary>As given on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Valid inputs to start from; each of them is accepted.</summary>
    public abstract IReadOnlyList<byte[]> Corpus { get; }

    /// <summary>True when inputs are lines of text, so that whole lines are worth moving.</summary>
    public virtual bool IsText => false;

    /// <summary>Feeds one input.</summary>
    /// <returns>Whether the parser accepted it.</returns>
    /// <exception cref="InvariantException">It was accepted, but what came out contradicts itself.</exception>
    public abstract bool Run(ReadOnlySpan<byte> input);
}
