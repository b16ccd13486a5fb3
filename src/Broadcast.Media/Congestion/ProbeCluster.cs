namespace Broadcast.Media.Congestion;

/// <summary>A short burst at a rate of its own, sent to learn whether the network carries it.</summary>
/// <param name="Id">Positive, counting up; the packets of the burst carry it. 0 stands for packets that belong to none.</param>
/// <param name="BitsPerSecond">The rate at which its packets follow each other.</param>
/// <param name="MinPackets">It is not over before that many packets.</param>
/// <param name="MinBytes">It is not over before that many bytes.</param>
/// <param name="MinDuration">How long the bytes take at the rate.</param>
public readonly record struct ProbeCluster(int Id, long BitsPerSecond, int MinPackets, int MinBytes, TimeSpan MinDuration);
