using Orleans.Runtime;

namespace Broadcast.Grains.Membership;

/// <summary>Notices that a running silo is no longer in the table, as after a store that came back empty.</summary>
/// <remarks>
/// Silos that run would never enter the emptied table again, and those that start later would make a second cluster of it. So a silo
/// that finds itself missing is started anew.
/// </remarks>
/// <param name="inner">The table.</param>
/// <param name="self">This silo.</param>
/// <param name="isEmpty">Whether an exception of the table says that it is empty, and not that it is away.</param>
/// <param name="lost">Called when this silo was in the table and is not any more.</param>
internal sealed class WatchedMembershipTable(IMembershipTable inner, Func<SiloAddress> self, Func<Exception, bool> isEmpty, Action lost) : IMembershipTable, IAsyncDisposable
{
    private volatile bool _registered;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion, CancellationToken.None);

    public Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken) =>
        inner.InitializeMembershipTableAsync(tryInitTableVersion, cancellationToken);

    public Task DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId, CancellationToken.None);

    public Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken) =>
        inner.DeleteMembershipTableEntriesAsync(clusterId, cancellationToken);

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate, CancellationToken.None);

    public Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken) =>
        inner.CleanupDefunctSiloEntriesAsync(beforeDate, cancellationToken);

    public Task<MembershipTableData> ReadRow(SiloAddress key) => ReadRowAsync(key, CancellationToken.None);

    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken) => inner.ReadRowAsync(key, cancellationToken);

    public Task<MembershipTableData> ReadAll() => ReadAllAsync(CancellationToken.None);

    public async Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken)
    {
        var registered = _registered;
        try
        {
            var table = await inner.ReadAllAsync(cancellationToken);
            if (registered && table.TryGet(self()) is null) lost();
            return table;
        }
        catch (Exception exception) when (registered && isEmpty(exception))
        {
            lost();
            throw;
        }
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion, CancellationToken.None);

    public async Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken)
    {
        var inserted = await inner.InsertRowAsync(entry, tableVersion, cancellationToken);
        if (inserted && entry.SiloAddress.Equals(self())) _registered = true;
        return inserted;
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion, CancellationToken.None);

    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken) =>
        inner.UpdateRowAsync(entry, etag, tableVersion, cancellationToken);

    public Task UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry, CancellationToken.None);

    public Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken) => inner.UpdateIAmAliveAsync(entry, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (inner is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else (inner as IDisposable)?.Dispose();
    }
}
