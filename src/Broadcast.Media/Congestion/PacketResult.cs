using Broadcast.Rtc;

namespace Broadcast.Media.Congestion;

/// <summary>What became of one sent packet, as a feedback packet tells.</summary>
/// <param name="SentAt">On this node's clock.</param>
/// <param name="Bytes">On the wire without IP and UDP headers.</param>
/// <param name="ProbeCluster">Number of the probe it was part of; 0 for none.</param>
/// <param name="ReceivedAt">On the receiver's clock (arbitrary origin); meaningless when lost.</param>
/// <param name="IsReceived">False when the feedback says it did not arrive.</param>
public readonly record struct PacketResult(MonotonicTime SentAt, int Bytes, int ProbeCluster, MonotonicTime ReceivedAt, bool IsReceived);
