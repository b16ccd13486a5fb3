namespace Broadcast.MediaNode.Udp;

/// <summary>What went through one socket. Written by its worker alone; other threads may read slightly old values.</summary>
/// <remarks>Plain fields, because a metrics counter costs as much as a tenth of sending a packet.</remarks>
public sealed class DatagramCounters
{
    /// <summary>Datagrams the kernel took.</summary>
    public long SentDatagrams { get; internal set; }

    /// <summary>Payload bytes of those.</summary>
    public long SentBytes { get; internal set; }

    /// <summary>System calls made to send.</summary>
    public long SendCalls { get; internal set; }

    /// <summary>Runs of two or more datagrams that went as one segmented message.</summary>
    public long SegmentedRuns { get; internal set; }

    /// <summary>Segmented messages the kernel refused; their datagrams were sent one by one.</summary>
    public long SegmentationRefused { get; internal set; }

    /// <summary>Datagrams dropped because the send buffer stayed full for 5 ms.</summary>
    public long DroppedQueueFull { get; internal set; }

    /// <summary>Datagrams dropped for want of kernel memory or device queue (ENOBUFS, ENOMEM).</summary>
    public long DroppedNoBuffers { get; internal set; }

    /// <summary>Datagrams dropped because there is no way to the peer (routing or ICMP errors).</summary>
    public long DroppedUnreachable { get; internal set; }

    /// <summary>Datagrams dropped for any other error; the last one is in <see cref="LastError"/>.</summary>
    public long DroppedFailed { get; internal set; }

    /// <summary>errno of the last failed send or receive; 0 when there was none.</summary>
    public int LastError { get; internal set; }

    /// <summary>Datagrams received, coalesced ones counted each.</summary>
    public long ReceivedDatagrams { get; internal set; }

    /// <summary>Payload bytes of those.</summary>
    public long ReceivedBytes { get; internal set; }

    /// <summary>System calls made to receive.</summary>
    public long ReceiveCalls { get; internal set; }

    /// <summary>Messages that held more than one datagram.</summary>
    public long CoalescedMessages { get; internal set; }

    /// <summary>Messages that did not fit their buffers; impossible unless the kernel changes its limits.</summary>
    public long ReceiveTruncated { get; internal set; }

    /// <summary>Failed receive calls other than "nothing there".</summary>
    public long ReceiveErrors { get; internal set; }

    /// <summary>Datagrams the kernel dropped before they were read, since the socket was opened; see <see cref="DatagramSocket.ReadKernelDrops"/>.</summary>
    public long KernelReceiveDrops { get; internal set; }
}
