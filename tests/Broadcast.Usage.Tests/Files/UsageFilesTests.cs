using Broadcast.Usage.Files;

namespace Broadcast.Usage.Tests.Files;

public sealed class UsageFilesTests : IDisposable
{
    private readonly UsageFolder _folder = new(Directory.CreateTempSubdirectory("usage-").FullName);

    public void Dispose() => Directory.Delete(_folder.Path, recursive: true);

    [Fact]
    public void The_checksum_is_that_of_iSCSI() => Assert.Equal(0xE3069283u, UsageFrames.Crc("123456789"u8));

    [Fact]
    public void What_was_appended_is_read_in_order_across_restarts_and_days()
    {
        using (var files = Open()) files.Append([Some.Record("a"), Some.Record("b")], Some.Noon);
        using (var files = Open())
        {
            files.Append([Some.Record("c")], Some.Noon);
            files.Append([Some.Record("d", at: Some.Noon.AddDays(1))], Some.Noon.AddDays(1));
            files.Append([Some.Record("e", at: Some.Noon.AddDays(-900))], Some.Noon.AddDays(-900)); // the clock was set back
        }

        Assert.Equal(["a", "b", "c", "d", "e"], Ids());
        Assert.Equal(["d"], _folder.Ended(Some.Noon.AddHours(1), DateTimeOffset.MaxValue).Select(stored => stored.Record.SessionId));
        Assert.Equal(["e"], _folder.Ended(DateTimeOffset.MinValue, Some.Noon).Select(stored => stored.Record.SessionId));
    }

    [Fact]
    public void Reading_goes_on_where_it_stopped_while_records_are_added()
    {
        using var files = Open();
        files.Append([Some.Record("a"), Some.Record("b"), Some.Record("c")], Some.Noon);
        var first = _folder.Ended(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Take(2).ToList();
        files.Append([Some.Record("d")], Some.Noon.AddDays(1));
        Assert.True(UsagePosition.TryParse(first[^1].Next.ToString(), out var behind));
        Assert.Equal(["c", "d"], _folder.Ended(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, behind).Select(stored => stored.Record.SessionId));
    }

    [Fact]
    public void A_torn_tail_of_any_length_costs_its_own_record_only_and_is_cut()
    {
        using (var files = Open()) files.Append([Some.Record("a")], Some.Noon);
        var path = _folder.PathOf(_folder.Segments().Single());
        var one = File.ReadAllBytes(path).Length;
        using (var files = Open()) files.Append([Some.Record("b")], DateTimeOffset.UtcNow);
        var both = File.ReadAllBytes(path);
        Assert.True(both.Length > one);
        for (var length = one; length < both.Length; length++)
        {
            File.WriteAllBytes(path, both[..length]);
            Assert.Equal(["a"], Ids());
            using (var files = Open())
            {
                Assert.Equal(length - one, files.Cut);
                files.Append([Some.Record("c")], DateTimeOffset.UtcNow);
            }

            Assert.Equal(["a", "c"], Ids());
        }
    }

    [Fact]
    public void A_damaged_record_in_the_middle_costs_no_other()
    {
        using (var files = Open()) files.Append([Some.Record("a"), Some.Record("b"), Some.Record("c")], Some.Noon);
        var path = _folder.PathOf(_folder.Segments().Single());
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Equal(["a", "c"], Ids());
        using var again = Open();
        Assert.Equal(0, again.Cut);
    }

    [Fact]
    public void Sessions_without_an_end_are_interrupted_after_a_crash_and_those_with_one_are_not()
    {
        using (var files = Open())
        {
            files.Append([Some.Record("before")], Some.Noon);
            files.ReplaceOpen([Some.Record("stays", 30), Some.Record("ends", 30)]);
            files.AddOpen([Some.Record("late", 1)]);
            files.Append([Some.Record("ends", 40)], Some.Noon.AddDays(1)); // in another segment than the place
        }

        using (var files = Open()) Assert.Equal(["late", "stays"], files.Interrupted.Select(record => record.SessionId).Order());
        using (var files = Open()) Assert.Empty(files.Interrupted);
        var records = _folder.Ended(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(stored => stored.Record).ToList();
        Assert.Equal(4, records.Count);
        Assert.Equal(["late", "stays"], records.Where(record => record.Interrupted).Select(record => record.SessionId).Order());
        Assert.Equal(TimeSpan.FromSeconds(30), records.Single(record => record.SessionId == "stays").Duration);
    }

    [Fact]
    public void A_torn_file_of_open_sessions_gives_those_that_are_whole()
    {
        using (var files = Open()) files.ReplaceOpen([Some.Record("a"), Some.Record("b")]);
        var path = Path.Combine(_folder.Path, "open.seg");
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(path, whole[..length]);
            using var files = Open();
            Assert.All(files.Interrupted, record => Assert.True(record.Interrupted));
            Assert.True(files.Interrupted.Count < 2);
        }
    }

    [Fact]
    public void A_full_segment_is_followed_by_another()
    {
        using var files = Open();
        var many = Enumerable.Range(0, 10_000).Select(number => Some.Record($"s{number}") with { EndReason = new string('x', 900) }).ToList();
        files.Append(many, Some.Noon);
        files.Append([Some.Record("next")], Some.Noon);
        Assert.Equal(2, _folder.Segments().Count);
        Assert.Equal(10_001, Ids().Count);
    }

    [Fact]
    public void Only_files_without_anything_newer_are_deleted_and_never_the_present_one()
    {
        using var files = Open();
        foreach (var day in new[] { 0, 1, 2 }) files.Append([Some.Record($"d{day}", at: Some.Noon.AddDays(day))], Some.Noon.AddDays(day));
        foreach (var segment in _folder.Segments()) File.SetLastWriteTimeUtc(_folder.PathOf(segment), Some.Noon.UtcDateTime);
        Assert.Equal(1, files.DeleteBefore(Some.Noon.AddDays(0.5)));
        Assert.Equal(["d1", "d2"], Ids());
        Assert.Equal(1, files.DeleteBefore(Some.Noon.AddDays(900)));
        Assert.Equal(["d2"], Ids());
    }

    [Fact]
    public void A_folder_has_one_writer()
    {
        using var files = Open();
        Assert.Throws<IOException>(() => Open());
    }

    private UsageFiles Open() => UsageFiles.Open(_folder, Some.Noon);

    private List<string> Ids() => [.. _folder.Ended(DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(stored => stored.Record.SessionId)];
}
