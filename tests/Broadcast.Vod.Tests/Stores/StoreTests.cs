using Broadcast.Signalling.Auth;
using Broadcast.Vod.Jobs;
using Broadcast.Vod.Recordings;
using Broadcast.Vod.Stores;
using Broadcast.Vod.Tests.Fakes;

namespace Broadcast.Vod.Tests.Stores;

/// <summary>What holds for every store.</summary>
public abstract class StoreTests : IDisposable
{
    protected StoreTests()
    {
        Folder = TestVod.NewFolder();
        File = Path.Combine(Folder, "source");
        Content = TestVod.Bytes(7, 2_500);
        System.IO.File.WriteAllBytes(File, Content);
    }

    protected static StoreKey Key { get; } = StoreKey.Of(RecordingId.New(DateTimeOffset.UnixEpoch), "part-1.webm");

    protected string Folder { get; }

    protected string File { get; }

    protected byte[] Content { get; }

    private protected abstract IVodStore Store { get; }

    [Fact]
    public async Task What_was_put_is_found_read_in_parts_and_deleted()
    {
        Assert.Null(await Store.FindAsync(Key, default));
        Assert.Null(await Store.OpenAsync(Key, 0, 1, default));
        var progress = new List<long>();
        await Store.PutAsync(Key, File, "video/webm", new DirectProgress<long>(progress.Add), default);
        Assert.Equal(Content.Length, progress[^1]);
        Assert.Equal(Content.Length, await Store.FindAsync(Key, default));
        foreach (var (offset, length) in ((int, int)[])[(0, 2_500), (0, 1), (1_000, 500), (2_499, 1)])
        {
            await using var part = await Store.OpenAsync(Key, offset, length, default);
            using var read = new MemoryStream();
            await part!.CopyToAsync(read);
            Assert.Equal(Content[offset..(offset + length)], read.ToArray());
        }

        await Store.DeleteAsync(Key, default);
        await Store.DeleteAsync(Key, default);
        Assert.Null(await Store.FindAsync(Key, default));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".hidden")]
    [InlineData("a..b")]
    [InlineData("A.webm")]
    [InlineData("a.")]
    [InlineData("a\0")]
    public void A_name_is_never_a_path(string name)
    {
        Assert.False(StoreKey.TryCreate(Key.Recording, name, out _));
        Assert.False(StoreKey.TryCreate(default, "part-1.webm", out _));
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => Directory.Delete(Folder, recursive: true);
}

public sealed class FolderStoreTests : StoreTests
{
    private protected override IVodStore Store => new FolderStore(Path.Combine(Folder, "store"));

    [Fact]
    public async Task A_copy_that_was_cut_short_cannot_be_seen_and_goes_on()
    {
        var target = Path.Combine(Folder, "store", Key.ToString());
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await System.IO.File.WriteAllBytesAsync(target + ".part~", Content[..1_000]);
        Assert.Null(await Store.FindAsync(Key, default));
        var progress = new List<long>();
        await Store.PutAsync(Key, File, "video/webm", new DirectProgress<long>(progress.Add), default);
        Assert.Equal([2_500], progress);
        Assert.Equal(Content, await System.IO.File.ReadAllBytesAsync(target));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(target)!));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_is_said_to_be_away()
    {
        var store = new FolderStore(File);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.PutAsync(Key, File, "video/webm", new DirectProgress<long>(_ => { }), default));
    }
}

public sealed class S3StoreTests : StoreTests, IAsyncLifetime
{
    private const int PartSize = 1_000;

    private FakeS3 _server = null!;
    private S3Store _store = null!;

    private protected override IVodStore Store => _store;

    private static string ObjectPath => $"/bucket/some/where/{Key}";

    public async Task InitializeAsync()
    {
        _server = await FakeS3.StartAsync();
        _store = new S3Store(new S3StoreOptions("bucket", "some/where/", _server.Address, "us-east-1", "key", new Secret("secret"), PartSize));
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_small_file_goes_in_one_request_with_its_type()
    {
        await System.IO.File.WriteAllBytesAsync(File, Content[..PartSize]);
        await PutAsync();
        Assert.Equal([$"PUT {ObjectPath}"], _server.Served.Select(request => request.Split('?')[0]));
        Assert.Equal(Content[..PartSize], _server.Objects[ObjectPath].Bytes);
        Assert.Equal("video/webm", _server.Objects[ObjectPath].Type);
    }

    [Fact]
    public async Task A_large_file_goes_in_parts_and_is_there_as_a_whole_or_not_at_all()
    {
        // :: Step 1: the third part is refused, also when it is tried again
        _server.Fail = request => request.Query["partNumber"] == "3" ? 503 : null;
        await Assert.ThrowsAsync<StoreUnavailableException>(PutAsync);
        Assert.Empty(_server.Objects);
        Assert.Equal(["1", "2"], PartsSent());

        // :: Step 2: another process goes on with what is there
        _server.Fail = _ => null;
        using (var other = new S3Store(new S3StoreOptions("bucket", "some/where/", _server.Address, "us-east-1", "key", new Secret("secret"), PartSize)))
            await other.PutAsync(Key, File, "video/webm", new DirectProgress<long>(_ => { }), default);
        Assert.Equal(["1", "2", "3"], PartsSent());
        Assert.Equal(Content, _server.Objects[ObjectPath].Bytes);
        Assert.Equal("video/webm", _server.Objects[ObjectPath].Type);
        Assert.False(System.IO.File.Exists(File + ".upload"));
    }

    [Fact]
    public async Task An_upload_that_the_server_has_forgotten_begins_again()
    {
        await System.IO.File.WriteAllTextAsync(File + ".upload", "long gone");
        await PutAsync();
        Assert.Equal(["1", "2", "3"], PartsSent());
        Assert.Equal(Content, _server.Objects[ObjectPath].Bytes);
    }

    [Fact]
    public async Task A_failure_that_passes_is_not_noticed()
    {
        var failures = 0;
        _server.Fail = request => request.Query["partNumber"] == "2" && Interlocked.Increment(ref failures) == 1 ? 500 : null;
        await PutAsync();
        Assert.Equal((2, Content.Length), (failures, _server.Objects[ObjectPath].Bytes.Length));
    }

    [Theory]
    [InlineData(403)]
    [InlineData(500)]
    public async Task A_server_that_refuses_is_said_to_be_away(int status)
    {
        _server.Fail = _ => status;
        await Assert.ThrowsAsync<StoreUnavailableException>(PutAsync);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.FindAsync(Key, default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.OpenAsync(Key, 0, 1, default));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _store.DeleteAsync(Key, default));
    }

    [Fact]
    public async Task A_server_that_is_gone_is_said_to_be_away()
    {
        await _server.DisposeAsync();
        await Assert.ThrowsAsync<StoreUnavailableException>(PutAsync);
    }

    private Task PutAsync() => _store.PutAsync(Key, File, "video/webm", new DirectProgress<long>(_ => { }), default);

    private IEnumerable<string> PartsSent() => _server.Served.Where(request => request.Contains("partNumber", StringComparison.Ordinal))
        .Select(request => System.Web.HttpUtility.ParseQueryString(request.Split('?')[1])["partNumber"]!);
}
