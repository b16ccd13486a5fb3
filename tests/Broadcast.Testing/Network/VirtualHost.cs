using Broadcast.Rtc;

namespace Broadcast.Testing.Network;

/// <summary>A peer's place in the virtual network: its address as the server sees it, and its two links.</summary>
public sealed class VirtualHost
{
    private readonly VirtualNetwork _network;

    internal VirtualHost(VirtualNetwork network, TransportAddress address, VirtualLink up, VirtualLink down)
    {
        _network = network;
        Address = address;
        Up = up;
        Down = down;
    }

    /// <summary>Where the server sees this host.</summary>
    public TransportAddress Address { get; private set; }

    /// <summary>Toward the server.</summary>
    public VirtualLink Up { get; }

    /// <summary>From the server.</summary>
    public VirtualLink Down { get; }

    /// <summary>Gets what arrives; it may be changed in place.</summary>
    public Action<byte[]>? Received { get; set; }

    /// <summary>Sends to the server.</summary>
    public void Send(ReadOnlySpan<byte> datagram) => _network.ToServer(this, Address, datagram.ToArray());

    /// <summary>Goes over to another address, as a phone that leaves the Wi-Fi; what is under way to the old one is lost.</summary>
    public void MoveTo(TransportAddress address)
    {
        _network.Move(this, address);
        Address = address;
    }
}
