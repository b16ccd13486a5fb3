namespace Broadcast.Vod.Stores;

/// <summary>A folder: of this machine, or of a file server.</summary>
/// <param name="root">Path of the folder; made when it is not there.</param>
internal sealed class FolderStore(string root) : IVodStore
{
    private const int ChunkSize = 1 << 20;

    /// <summary>Ends the name of a file that is not there as a whole; no key has such a name.</summary>
    private const string Partial = ".part~";

    private readonly string _root = Path.GetFullPath(root);

    public Task PutAsync(StoreKey key, string path, string mediaType, IProgress<long> progress, CancellationToken cancellation) => AskAsync(async () =>
    {
        var target = PathOf(key);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using (var from = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan | FileOptions.Asynchronous))
        await using (var to = new FileStream(target + Partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
        {
            // A copy that was cut short goes on: the file that it was made of does not change.
            var done = to.Length <= from.Length ? to.Length : 0;
            to.SetLength(done);
            from.Position = to.Position = done;
            var chunk = new byte[ChunkSize];
            while (await from.ReadAsync(chunk, cancellation) is > 0 and var read)
            {
                await to.WriteAsync(chunk.AsMemory(0, read), cancellation);
                progress.Report(done += read);
            }

            to.Flush(flushToDisk: true);
        }

        File.Move(target + Partial, target, overwrite: true);
        return true;
    });

    public Task<long?> FindAsync(StoreKey key, CancellationToken cancellation) => AskAsync<long?>(() =>
    {
        var file = new FileInfo(PathOf(key));
        return Task.FromResult<long?>(file.Exists ? file.Length : null);
    });

    public Task<Stream?> OpenAsync(StoreKey key, long offset, long length, CancellationToken cancellation) => AskAsync<Stream?>(() =>
    {
        try
        {
            return Task.FromResult<Stream?>(StreamWindow.Open(PathOf(key), offset, length));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    });

    public Task DeleteAsync(StoreKey key, CancellationToken cancellation) => AskAsync(() =>
    {
        var path = PathOf(key);
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) return Task.FromResult(true);
        File.Delete(path);
        File.Delete(path + Partial);
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        return Task.FromResult(true);
    });

    private string PathOf(StoreKey key) => Path.Combine(_root, key.Recording.ToString(), key.Name);

    private static async Task<T> AskAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The folder of the store cannot be used: {exception.Message}", exception);
        }
    }
}
