using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Npgsql;
using StackExchange.Redis;

namespace Broadcast.Grains.Hosting;

/// <summary>Which program keeps the membership table.</summary>
internal enum StoreKind
{
    Redis,
    Postgres,
}

/// <summary>A membership store's address, taken apart.</summary>
internal sealed class ClusterStore
{
    /// <summary>How long one connection attempt, and one command, may take: a store that hangs must not hold up a silo.</summary>
    private const int TimeoutSeconds = 3;

    private readonly Uri _address;
    private readonly string _user;
    private readonly string _password;
    private readonly string _path;

    private ClusterStore(StoreKind kind, Uri address)
    {
        Kind = kind;
        _address = address;
        var parts = address.UserInfo.Split(':', 2);
        _user = Uri.UnescapeDataString(parts[0]);
        _password = parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "";
        _path = Uri.UnescapeDataString(address.AbsolutePath.Trim('/'));
    }

    public StoreKind Kind { get; }

    /// <summary>The address without user and password, for people and logs.</summary>
    public string Display => $"{_address.Scheme}://{_address.Host}:{Port}/{_path}";

    private int Port => _address.Port > 0 ? _address.Port : Kind is StoreKind.Redis ? 6379 : 5432;

    /// <param name="text">An address as <see cref="ClusterOptions.Store"/> describes it.</param>
    /// <param name="store">The address, taken apart.</param>
    /// <param name="fault">What is wrong, in a sentence that shows no password.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ClusterStore? store, [NotNullWhen(false)] out string? fault)
    {
        store = null;
        fault = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            fault = "The membership store (--cluster) must be redis://host:port or postgres://user:password@host:port/database.";
            return false;
        }

        StoreKind? kind = address.Scheme switch
        {
            "redis" or "rediss" => StoreKind.Redis,
            "postgres" or "postgresql" => StoreKind.Postgres,
            _ => null,
        };
        if (kind is null)
        {
            fault = $"The membership store (--cluster) cannot be \"{address.Scheme}\"; redis:// and postgres:// are known.";
            return false;
        }

        var parsed = new ClusterStore(kind.Value, address);
        if (kind is StoreKind.Postgres && (parsed._user.Length == 0 || parsed._path.Length == 0))
        {
            fault = "A PostgreSQL store needs a user and a database: postgres://user:password@host:port/database.";
            return false;
        }

        if (kind is StoreKind.Redis && parsed._path.Length > 0 && !int.TryParse(parsed._path, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            fault = "What follows the last slash of a Redis address is the number of the database, such as redis://host:6379/0.";
            return false;
        }

        store = parsed;
        return true;
    }

    /// <summary>How to connect to Redis; a connection that breaks is made again by the client.</summary>
    public ConfigurationOptions ToRedis() => new()
    {
        EndPoints = { { _address.Host, Port } },
        // A password alone (redis://:password@host) is that of the default user.
        User = _user.Length > 0 ? _user : null,
        Password = _password.Length > 0 ? _password : null,
        Ssl = _address.Scheme == "rediss",
        DefaultDatabase = _path.Length > 0 ? int.Parse(_path, CultureInfo.InvariantCulture) : 0,
        AbortOnConnectFail = true,
        ConnectRetry = 1,
        ConnectTimeout = TimeoutSeconds * 1000,
        AsyncTimeout = TimeoutSeconds * 1000,
        ClientName = "broadcast",
    };

    /// <summary>How to connect to PostgreSQL.</summary>
    public string ToPostgres() => new NpgsqlConnectionStringBuilder
    {
        Host = _address.Host,
        Port = Port,
        Username = _user,
        Password = _password.Length > 0 ? _password : null,
        Database = _path,
        Timeout = TimeoutSeconds,
        CommandTimeout = TimeoutSeconds,
        MaxPoolSize = 8,
        ApplicationName = "broadcast",
        // No negotiation of Kerberos and no lookup in the environment that an operator did not ask for.
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;
}
