using System.Net;
using MessagePack;

namespace Broadcast.Signalling.Auth;

/// <summary>Somebody who is kept out for a while.</summary>
/// <param name="Id">Names it in the REST interface.</param>
/// <param name="Subject">The <c>sub</c> or <c>jti</c> claim of tokens, or null.</param>
/// <param name="Address">An IP address or a network ("192.0.2.0/24"), or null.</param>
/// <param name="Reason">For operators.</param>
/// <param name="SetAt">Milliseconds since 1970.</param>
/// <param name="ExpiresAt">Milliseconds since 1970; not later than <paramref name="SetAt"/> when the ban was lifted.</param>
[MessagePackObject]
public sealed record Ban(
    [property: Key(0)] string Id,
    [property: Key(1)] string? Subject,
    [property: Key(2)] string? Address,
    [property: Key(3)] string Reason,
    [property: Key(4)] long SetAt,
    [property: Key(5)] long ExpiresAt);

/// <summary>Who is kept out now. Thread-safe; bounded; in memory only.</summary>
/// <remarks>Each ban ends by itself. One that was lifted is remembered as such until it would have ended, so that another node's older word does not set it again.</remarks>
public sealed class BanList(TimeProvider time)
{
    /// <summary>Bans at most; further ones are refused.</summary>
    public const int Capacity = 1_000;

    /// <summary>The longest ban.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private volatile bool _isEmpty = true;

    /// <summary>Those in force, the newest first.</summary>
    public IReadOnlyList<Ban> InForce
    {
        get
        {
            lock (_lock)
            {
                Forget();
                return [.. _entries.Values.Where(entry => entry.LiftedAt is null).Select(entry => entry.Ban).OrderByDescending(ban => ban.SetAt).ThenBy(ban => ban.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>All that another node has to know: those in force and those that were lifted, with an end of 0.</summary>
    public IReadOnlyList<Ban> Known
    {
        get
        {
            lock (_lock)
            {
                Forget();
                return [.. _entries.Values.Select(entry => entry.LiftedAt is null ? entry.Ban : entry.Ban with { ExpiresAt = 0 })];
            }
        }
    }

    /// <summary>Sets a ban, or takes the word of another node. A lifted one stays lifted.</summary>
    /// <returns>False when the list is full or the ban says nobody.</returns>
    public bool Set(Ban ban)
    {
        IPNetwork network = default;
        if (ban.Subject is null && (ban.Address is null || !TryNetwork(ban.Address, out network)))
            return false;
        lock (_lock)
        {
            Forget();
            if (ban.ExpiresAt <= ban.SetAt)
            {
                LiftLocked(ban.Id);
                return true;
            }

            if (_entries.ContainsKey(ban.Id))
                return true;
            if (_entries.Count >= Capacity)
                return false;
            var end = Math.Min(ban.ExpiresAt, ban.SetAt + (long)Longest.TotalMilliseconds);
            _entries[ban.Id] = new Entry(ban with { ExpiresAt = end }, ban.Address is null ? null : network, null);
            _isEmpty = false;
            return true;
        }
    }

    /// <summary>Lifts a ban before its end.</summary>
    /// <returns>The word for other nodes; null when there is none of this name.</returns>
    public Ban? Lift(string id)
    {
        lock (_lock)
        {
            Forget();
            return LiftLocked(id) is { } lifted ? lifted with { ExpiresAt = 0 } : null;
        }
    }

    /// <summary>The ban that keeps a caller out; null for none.</summary>
    /// <param name="address">Where the request came from.</param>
    /// <param name="subject">Of its token; null without.</param>
    /// <param name="tokenId">The token's own name; null without.</param>
    public Ban? Find(IPAddress? address, string? subject, string? tokenId)
    {
        if (_isEmpty)
            return null;
        var from = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
        lock (_lock)
        {
            Forget();
            foreach (var entry in _entries.Values)
            {
                if (entry.LiftedAt is null && (entry.Ban.Subject is { } name ? name == subject || name == tokenId : from is not null && entry.Network!.Value.Contains(from)))
                    return entry.Ban;
            }
        }

        return null;
    }

    /// <summary>True for an address or a network.</summary>
    public static bool TryNetwork(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    private Ban? LiftLocked(string id)
    {
        if (!_entries.TryGetValue(id, out var entry) || entry.LiftedAt is not null)
            return null;
        _entries[id] = entry with { LiftedAt = Now() };
        return entry.Ban;
    }

    private void Forget()
    {
        var now = Now();
        foreach (var (id, entry) in _entries)
        {
            if (entry.Ban.ExpiresAt <= now)
                _entries.Remove(id);
        }

        _isEmpty = _entries.Count == 0;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed record Entry(Ban Ban, IPNetwork? Network, long? LiftedAt);
}
