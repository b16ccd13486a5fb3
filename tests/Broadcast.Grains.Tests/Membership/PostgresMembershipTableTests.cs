using System.Net;
using Broadcast.Grains.Hosting;
using Broadcast.Grains.Membership;
using Broadcast.Grains.Tests.Hosting;
using Broadcast.Grains.Tests.Servers;
using Npgsql;
using Orleans.Runtime;

namespace Broadcast.Grains.Tests.Membership;

/// <summary>What the membership protocol asks of its table, and how the program makes the table.</summary>
public sealed class PostgresMembershipTableTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    [Fact]
    public async Task Many_nodes_that_start_at_once_on_an_empty_database_all_find_the_tables()
    {
        await using var database = Open();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => new PostgresMembershipTable(database, "race").InitializeMembershipTable(true))));
        var data = await new PostgresMembershipTable(database, "race").ReadAll();
        Assert.Equal(0, data.Version.Version);
        Assert.Empty(data.Members);
    }

    [Fact]
    public async Task Rows_come_back_as_they_were_written()
    {
        await using var database = Open();
        var table = await CreateAsync(database, "rows");
        var entry = Entry(1);
        entry.AddSuspector(Silo(2), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));

        var read = await table.ReadRow(entry.SiloAddress);
        var (found, _) = Assert.Single(read.Members);
        Assert.Equal(1, read.Version.Version);
        Assert.Equal(entry.ToFullString(), found.ToFullString());
    }

    [Fact]
    public async Task A_change_decided_on_an_old_version_changes_nothing()
    {
        await using var database = Open();
        var table = await CreateAsync(database, "versions");
        var old = (await table.ReadAll()).Version.Next();
        Assert.True(await table.InsertRow(Entry(1), old));
        Assert.False(await table.InsertRow(Entry(2), old));

        var now = await table.ReadAll();
        var (entry, etag) = Assert.Single(now.Members);
        entry.Status = SiloStatus.Dead;
        Assert.False(await table.UpdateRow(entry, etag, old));
        Assert.False(await table.UpdateRow(entry, "99", now.Version.Next()));
        Assert.Equal(1, (await table.ReadAll()).Version.Version);
        Assert.True(await table.UpdateRow(entry, etag, now.Version.Next()));

        now = await table.ReadAll();
        Assert.Equal(2, now.Version.Version);
        Assert.Equal(SiloStatus.Dead, Assert.Single(now.Members).Item1.Status);
    }

    [Fact]
    public async Task The_same_silo_is_not_inserted_twice()
    {
        await using var database = Open();
        var table = await CreateAsync(database, "twice");
        Assert.True(await table.InsertRow(Entry(1), (await table.ReadAll()).Version.Next()));
        Assert.False(await table.InsertRow(Entry(1), (await table.ReadAll()).Version.Next()));
    }

    [Fact]
    public async Task Of_changes_decided_on_the_same_version_one_is_made()
    {
        await using var database = Open();
        var table = await CreateAsync(database, "concurrent");
        var next = (await table.ReadAll()).Version.Next();
        var results = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(() => table.InsertRow(Entry(i), next))));
        Assert.Single(results, inserted => inserted);
        Assert.Single((await table.ReadAll()).Members);
    }

    [Fact]
    public async Task A_sign_of_life_changes_neither_version_nor_status()
    {
        await using var database = Open();
        var table = await CreateAsync(database, "alive");
        await table.InsertRow(Entry(1), (await table.ReadAll()).Version.Next());
        var sign = Entry(1);
        sign.Status = SiloStatus.Dead;
        sign.IAmAliveTime = sign.IAmAliveTime.AddHours(1);
        await table.UpdateIAmAlive(sign);

        var now = await table.ReadAll();
        Assert.Equal(1, now.Version.Version);
        var (entry, _) = Assert.Single(now.Members);
        Assert.Equal((SiloStatus.Active, sign.IAmAliveTime), (entry.Status, entry.IAmAliveTime));
    }

    [Fact]
    public async Task Clusters_in_one_database_do_not_see_each_other_and_old_dead_rows_go()
    {
        await using var database = Open();
        var (one, two) = (await CreateAsync(database, "first"), await CreateAsync(database, "second"));
        var dead = Entry(1);
        dead.Status = SiloStatus.Dead;
        await one.InsertRow(dead, (await one.ReadAll()).Version.Next());
        await one.InsertRow(Entry(2), (await one.ReadAll()).Version.Next());
        Assert.Empty((await two.ReadAll()).Members);

        await one.CleanupDefunctSiloEntries(dead.IAmAliveTime.AddSeconds(-1));
        Assert.Equal(2, (await one.ReadAll()).Members.Count);
        await one.CleanupDefunctSiloEntries(dead.IAmAliveTime.AddSeconds(1));
        Assert.Equal(Silo(2), Assert.Single((await one.ReadAll()).Members).Item1.SiloAddress);
        await one.DeleteMembershipTableEntries("first");
        Assert.Empty((await one.ReadAll()).Members);
    }

    [Fact]
    public async Task Three_silos_that_start_at_once_on_an_empty_database_become_one_cluster()
    {
        await using var a = TestSilos.Create("a", postgres.Url, "silos");
        await using var b = TestSilos.Create("b", postgres.Url, "silos");
        await using var c = TestSilos.Create("c", postgres.Url, "silos");
        await Task.WhenAll(a.StartAsync(CancellationToken.None), b.StartAsync(CancellationToken.None), c.StartAsync(CancellationToken.None));
        await TestSilos.WaitForMembersAsync(a, "a", "b", "c");
        Assert.Equal("c", await a.Grains!.GetGrain<IWhereGrain>("c").Where());
    }

    private static async Task<PostgresMembershipTable> CreateAsync(NpgsqlDataSource database, string cluster)
    {
        var table = new PostgresMembershipTable(database, cluster);
        await table.InitializeMembershipTable(true);
        return table;
    }

    private static SiloAddress Silo(int number) => SiloAddress.New(IPAddress.Loopback, 10_000 + number, number);

    private static MembershipEntry Entry(int number) => new()
    {
        SiloAddress = Silo(number),
        Status = SiloStatus.Active,
        SiloName = "node" + number,
        HostName = "host",
        StartTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc),
        SuspectTimes = [],
    };

    private NpgsqlDataSource Open()
    {
        Assert.True(ClusterStore.TryParse(postgres.Url, out var store, out _));
        return NpgsqlDataSource.Create(store.ToPostgres());
    }
}
