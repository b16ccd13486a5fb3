namespace Broadcast.Signalling.Limits;

/// <summary>What the media plane measures of itself.</summary>
public interface INodeLoad
{
    /// <summary>Share of its busiest thread's time, 0 to 1, of the last second or so.</summary>
    double Busy { get; }
}

/// <summary>Nothing is measured: never busy.</summary>
internal sealed class NoLoad : INodeLoad
{
    public double Busy => 0;
}
