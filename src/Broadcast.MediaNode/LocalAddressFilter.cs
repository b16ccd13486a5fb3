using System.Net;
using Broadcast.Rtc;

namespace Broadcast.MediaNode;

/// <summary>Which of the machine's addresses media is taken on. Immutable.</summary>
/// <remarks>
/// A single address is bound, so the kernel does the rest. For several, one socket stays on all addresses, and what came to
/// an address that is not in the list is dropped by what the kernel says about it.
/// </remarks>
public sealed class LocalAddressFilter
{
    /// <summary>Takes everything.</summary>
    public static readonly LocalAddressFilter All = new([]);

    private readonly TransportAddress[] _listed;

    /// <summary>Creates the filter of a list; an empty one, or one with an unspecified address (0.0.0.0, ::), means all.</summary>
    public LocalAddressFilter(IReadOnlyCollection<IPAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (addresses.Any(address => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))) addresses = [];
        var distinct = addresses.Select(address => new TransportAddress(address, 0)).Distinct().ToArray();
        if (distinct.Length == 1) BindAddress = distinct[0].ToEndPoint().Address;
        _listed = distinct.Length > 1 ? distinct : [];
    }

    /// <summary>The address to bind; null for all of both families.</summary>
    public IPAddress? BindAddress { get; }

    /// <summary>False when something came to an address that is not in the list.</summary>
    /// <param name="local">Where it came to; none, where the system does not tell, is accepted.</param>
    public bool Accepts(in TransportAddress local)
    {
        if (_listed.Length == 0 || local.IsNone) return true;
        foreach (ref readonly var address in _listed.AsSpan())
        {
            if (address.HasAddressOf(local)) return true;
        }

        return false;
    }
}
