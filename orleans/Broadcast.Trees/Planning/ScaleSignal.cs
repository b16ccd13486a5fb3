namespace Broadcast.Trees.Planning;

/// <summary>What an autoscaler should know of a region.</summary>
/// <param name="Nodes">Nodes that take viewers now.</param>
/// <param name="Wanted">Nodes that would run at the wanted share; 1 and up where anybody is.</param>
/// <param name="Reason">What decided, for operators.</param>
public sealed record ScaleSignal(string Region, int Nodes, int Wanted, string Reason);
