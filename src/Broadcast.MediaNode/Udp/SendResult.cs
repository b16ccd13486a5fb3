namespace Broadcast.MediaNode.Udp;

/// <summary>Outcome of one flush.</summary>
/// <param name="Sent">Datagrams handed to the kernel or queued.</param>
/// <param name="Dropped">Datagrams dropped; the counters say why.</param>
public readonly record struct SendResult(int Sent, int Dropped)
{
    public static SendResult operator +(SendResult a, SendResult b) => new(a.Sent + b.Sent, a.Dropped + b.Dropped);
}
