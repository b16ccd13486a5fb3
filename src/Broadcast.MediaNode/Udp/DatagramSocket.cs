using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>One worker's datagram socket. Owned by that worker; not thread-safe. Nothing here blocks for more than 5 ms.</summary>
public abstract class DatagramSocket : IDisposable
{
    /// <summary>Opens the best socket this system has.</summary>
    /// <param name="options">What to bind and which abilities to use.</param>
    /// <param name="clock">Maps kernel time; belongs to the same worker.</param>
    /// <exception cref="IOException">The socket cannot be opened or bound; the message names the call and the cause.</exception>
    public static DatagramSocket Open(DatagramSocketOptions options, MonotonicClock clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Portable || !Libc.IsSupported) return new PortableUdpSocket(options);
        return new UdpSocket(options with { Segmentation = options.Segmentation && SegmentationProbe.IsSupported }, clock);
    }

    /// <summary>The bound address; the unspecified address when all are bound. Its port is the real one.</summary>
    public abstract TransportAddress LocalAddress { get; }

    /// <summary>True when IPv6 peers can be reached.</summary>
    public abstract bool HasIPv6 { get; }

    /// <summary>True when runs go as one segmented message.</summary>
    public abstract bool Segments { get; }

    /// <summary>True when the kernel may hand over several datagrams as one message.</summary>
    public abstract bool Coalesces { get; }

    /// <summary>The receive buffer really granted, in bytes, without the kernel's own overhead.</summary>
    public abstract int ReceiveBufferBytes { get; }

    /// <summary>What to watch for readability.</summary>
    public abstract PollTarget PollTarget { get; }

    /// <summary>What happened so far.</summary>
    public DatagramCounters Counters { get; } = new();

    /// <summary>Fills the batch with what is waiting; its former content is gone.</summary>
    /// <returns>The number of datagrams; 0 when none was waiting.</returns>
    public abstract int Receive(ReceiveBatch batch);

    /// <summary>Sends every UDP run of the batch, in order. Runs for TCP connections are left alone; the batch is not cleared.</summary>
    /// <remarks>Waits up to 5 ms when the send buffer is full, then drops the rest. No error of one peer stops the others.</remarks>
    public abstract SendResult Send(DatagramBatch batch);

    /// <summary>Asks the kernel how many datagrams it dropped at this socket; a system call, so about once a second.</summary>
    /// <returns>The new total, also in <see cref="DatagramCounters.KernelReceiveDrops"/>; 0 where it cannot be asked.</returns>
    public abstract long ReadKernelDrops();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the socket.</summary>
    protected abstract void Dispose(bool disposing);
}
