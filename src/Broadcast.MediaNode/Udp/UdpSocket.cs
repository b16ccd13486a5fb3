using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Broadcast.Media.Peers;
using Broadcast.Media.Send;
using Broadcast.Rtc;

namespace Broadcast.MediaNode.Udp;

/// <summary>A Linux UDP socket for both address families, read and written in batches.</summary>
/// <remarks>
/// One AF_INET6 socket with IPV6_V6ONLY off, so IPv4 peers appear with mapped addresses; AF_INET where the kernel has
/// no IPv6 or an IPv4 address is bound. What the kernel cannot do is found out when it is asked for and done without.
/// </remarks>
internal sealed unsafe class UdpSocket : DatagramSocket
{
    private readonly Descriptor _descriptor;
    private readonly MonotonicClock _clock;
    private readonly BatchSender _sender;
    private bool _coalesces;

    /// <summary>Opens and binds. Segmentation is used when asked for; whether it works is the caller's finding.</summary>
    public UdpSocket(DatagramSocketOptions options, MonotonicClock clock)
    {
        _clock = clock;
        var family = AddressFamilyFor(options);
        var descriptor = family == LibcConstants.AfInet6 ? Create(LibcConstants.AfInet6) : -1;
        if (descriptor < 0)
        {
            family = LibcConstants.AfInet;
            if (options.BindAddress?.AddressFamily == AddressFamily.InterNetworkV6 || (descriptor = Create(family)) < 0) throw Libc.Failure("socket");
        }

        _descriptor = new Descriptor(descriptor);
        HasIPv6 = family == LibcConstants.AfInet6;
        try
        {
            Configure(options);
            LocalAddress = Bind(options);
        }
        catch
        {
            _descriptor.Dispose();
            throw;
        }

        Segments = options.Segmentation;
        _sender = new BatchSender(new SendCalls(descriptor), HasIPv6, Segments, Counters);
    }

    /// <inheritdoc/>
    public override TransportAddress LocalAddress { get; }

    /// <inheritdoc/>
    public override bool HasIPv6 { get; }

    /// <inheritdoc/>
    public override bool Segments { get; }

    /// <inheritdoc/>
    public override bool Coalesces => _coalesces;

    /// <inheritdoc/>
    public override int ReceiveBufferBytes => GetOption(LibcConstants.SoRcvBuf) / 2; // the kernel reports the doubled value

    /// <inheritdoc/>
    public override PollTarget PollTarget => new(_descriptor.Value, null);

    /// <inheritdoc/>
    public override SendResult Send(DatagramBatch batch) => batch.HasUdp ? _sender.Send(batch) : default;

    /// <inheritdoc/>
    public override int Receive(ReceiveBatch batch)
    {
        batch.Clear();
        var count = ReceiveMessages(batch);
        if (count == 0) return 0;

        var now = MonotonicClock.Now();
        var bytes = 0L;
        for (var i = 0; i < count; i++)
        {
            ref var header = ref batch.Headers[i];
            if ((header.Flags & (LibcConstants.MsgTrunc | LibcConstants.MsgCTrunc)) != 0)
            {
                Counters.ReceiveTruncated++;
                continue;
            }

            var name = batch.Names.AsSpan(i * SocketName.MaxLength, (int)Math.Min(header.NameLength, SocketName.MaxLength));
            var control = batch.Control.AsSpan(i * ReceiveBatch.ControlBytes, (int)Math.Min(header.ControlLength, ReceiveBatch.ControlBytes));
            var about = ControlMessages.Parse(control, LocalAddress.Port);
            var receivedAt = about.RealtimeNanoseconds == 0 ? now : _clock.FromKernel(about.RealtimeNanoseconds, now);
            var length = (int)Math.Min(header.Length, ReceiveBatch.MaxMessageBytes);
            if (about.SegmentLength != 0 && about.SegmentLength < length) Counters.CoalescedMessages++;
            batch.Add(i, length, about.SegmentLength, new TransportPath(SocketName.Read(name), about.Local), receivedAt);
            bytes += length;
        }

        Counters.ReceivedDatagrams += batch.Count;
        Counters.ReceivedBytes += bytes;
        return batch.Count;
    }

    /// <inheritdoc/>
    public override long ReadKernelDrops()
    {
        // Safety: the buffer has room for every value the kernel of today writes; it writes at most `length` bytes.
        var values = stackalloc uint[LibcConstants.SkMemInfoCount];
        var length = (uint)(LibcConstants.SkMemInfoCount * sizeof(uint));
        if (Libc.GetSocketOption(_descriptor.Value, LibcConstants.SolSocket, LibcConstants.SoMemInfo, values, &length) == 0
            && length > LibcConstants.SkMemInfoDrops * sizeof(uint))
        {
            // The kernel counts in 32 bits and wraps.
            Counters.KernelReceiveDrops += values[LibcConstants.SkMemInfoDrops] - (uint)Counters.KernelReceiveDrops;
        }

        return Counters.KernelReceiveDrops;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _descriptor.Dispose();
    }

    private static int AddressFamilyFor(DatagramSocketOptions options) =>
        options.WithoutIPv6 || options.BindAddress?.AddressFamily == AddressFamily.InterNetwork ? LibcConstants.AfInet : LibcConstants.AfInet6;

    private static int Create(int family) =>
        Libc.Socket(family, LibcConstants.SockDgram | LibcConstants.SockNonBlock | LibcConstants.SockCloexec, 0);

    private void Configure(DatagramSocketOptions options)
    {
        if (HasIPv6 && !SetOption(LibcConstants.IpProtoIpv6, LibcConstants.Ipv6V6Only, options.BindAddress is null ? 0 : 1)) throw Libc.Failure("setsockopt(IPV6_V6ONLY)");
        if (options.ReusePort && !SetOption(LibcConstants.SolSocket, LibcConstants.SoReusePort, 1)) throw Libc.Failure("setsockopt(SO_REUSEPORT)");

        // The rest is wished for, not needed: smaller buffers, one datagram per message and the time of reading also do.
        if (!SetOption(LibcConstants.SolSocket, LibcConstants.SoRcvBufForce, options.ReceiveBufferBytes)) SetOption(LibcConstants.SolSocket, LibcConstants.SoRcvBuf, options.ReceiveBufferBytes);
        if (!SetOption(LibcConstants.SolSocket, LibcConstants.SoSndBufForce, options.SendBufferBytes)) SetOption(LibcConstants.SolSocket, LibcConstants.SoSndBuf, options.SendBufferBytes);
        if (options.KernelTime) SetOption(LibcConstants.SolSocket, LibcConstants.SoTimestampNs, 1);
        _coalesces = options.Coalescing && SetOption(LibcConstants.SolUdp, LibcConstants.UdpGro, 1);
        if (!options.LocalAddresses) return;
        if (HasIPv6) SetOption(LibcConstants.IpProtoIpv6, LibcConstants.Ipv6RecvPktInfo, 1); // also tells the mapped address of IPv4 datagrams
        else SetOption(LibcConstants.IpProtoIp, LibcConstants.IpPktInfo, 1);
    }

    private TransportAddress Bind(DatagramSocketOptions options)
    {
        var name = stackalloc byte[SocketName.MaxLength];
        var span = new Span<byte>(name, SocketName.MaxLength);
        var address = options.BindAddress ?? (HasIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        var wanted = new TransportAddress(address, (ushort)options.Port);
        if (HasIPv6) SocketName.WriteIPv6(span, wanted);
        else SocketName.WriteIPv4(span, wanted);

        // Safety: `name` is on this stack frame and has room for either form; the kernel writes at most `length` bytes.
        if (Libc.Bind(_descriptor.Value, name, HasIPv6 ? (uint)SocketName.MaxLength : SocketName.IPv4Length) != 0) throw Libc.Failure($"bind({address}, {options.Port})");
        uint length = SocketName.MaxLength;
        if (Libc.GetSocketName(_descriptor.Value, name, &length) != 0) throw Libc.Failure("getsockname");
        return new TransportAddress(address, BinaryPrimitives.ReadUInt16BigEndian(span[2..]));
    }

    private bool SetOption(int level, int name, int value) =>
        Libc.SetSocketOption(_descriptor.Value, level, name, &value, sizeof(int)) == 0;

    private int GetOption(int name)
    {
        var value = 0;
        uint length = sizeof(int);
        return Libc.GetSocketOption(_descriptor.Value, LibcConstants.SolSocket, name, &value, &length) == 0 ? value : 0;
    }

    private int ReceiveMessages(ReceiveBatch batch)
    {
        for (var i = 0; i < batch.Capacity; i++)
        {
            ref var header = ref batch.Headers[i];
            header.NameLength = SocketName.MaxLength;
            header.ControlLength = ReceiveBatch.ControlBytes;
        }

        for (var attempt = 0; attempt < 4; attempt++)
        {
            Counters.ReceiveCalls++;
            int count;

            // Safety: the headers point into pinned arrays of the same batch, which is alive during the call.
            fixed (MessageHeader* headers = batch.Headers)
            {
                count = Libc.ReceiveMessages(_descriptor.Value, headers, (uint)batch.Capacity, LibcConstants.MsgDontWait, null);
            }

            GC.KeepAlive(batch);
            if (count >= 0) return count;
            var error = Libc.Error;
            if (error == LibcConstants.EAgain) return 0;
            if (error == LibcConstants.EIntr) continue;

            // An ICMP error of an earlier send is reported here once; the next attempt reads on.
            Counters.ReceiveErrors++;
            Counters.LastError = error;
        }

        return 0;
    }
}
