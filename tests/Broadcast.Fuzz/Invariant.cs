namespace Broadcast.Fuzz;

/// <summary>A statement about a parser's result did not hold.</summary>
public sealed class InvariantException(string statement) : Exception("Does not hold: " + statement);

/// <summary>States what must hold.</summary>
internal static class Invariant
{
    public static void Holds(bool condition, string statement)
    {
        if (!condition) throw new InvariantException(statement);
    }
}
