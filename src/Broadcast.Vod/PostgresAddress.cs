using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Broadcast.Vod;

/// <summary>The address of a PostgreSQL database as a connection string.</summary>
internal static class PostgresAddress
{
    private const int TimeoutSeconds = 10;

    public static bool TryParse(string text, [NotNullWhen(true)] out string? connection)
    {
        connection = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0) return false;
        var colon = address.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var user = Uri.UnescapeDataString(colon < 0 ? address.UserInfo : address.UserInfo[..colon]);
        var database = Uri.UnescapeDataString(address.AbsolutePath.Trim('/'));
        if (user.Length == 0 || database.Length == 0) return false;
        connection = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port > 0 ? address.Port : 5432,
            Username = user,
            Password = colon < 0 ? null : Uri.UnescapeDataString(address.UserInfo[(colon + 1)..]),
            Database = database,
            Timeout = TimeoutSeconds,
            CommandTimeout = TimeoutSeconds,
            ApplicationName = "broadcast",
        }.ToString();
        return true;
    }
}
