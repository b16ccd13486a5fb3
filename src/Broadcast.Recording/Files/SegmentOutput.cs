namespace Broadcast.Recording.Files;

/// <summary>The file of a segment: takes whole pieces, and ends with one whatever happens. Owned by one thread.</summary>
/// <remarks>After an error nothing more can be written; the pieces before stay.</remarks>
/// <param name="output">Is disposed together with this.</param>
internal sealed class SegmentOutput(Stream output) : IDisposable
{
    private bool _hasFailed;

    /// <summary>Bytes of all pieces.</summary>
    public long Written { get; private set; }

    /// <summary>True when it was completed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Begins a file, which must not exist; others may read and delete it.</summary>
    /// <typeparam name="T">Who writes it.</typeparam>
    /// <param name="path">Of it.</param>
    /// <param name="begin">Makes the writer; when that fails nothing of the file stays.</param>
    /// <exception cref="IOException">The disk is full or gone, or the file exists.</exception>
    public static T Create<T>(string path, Func<Stream, T> begin)
    {
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        try
        {
            return begin(file);
        }
        catch
        {
            file.Dispose();
            TryDelete(path);
            throw;
        }
    }

    /// <summary>Adds a whole piece.</summary>
    public void Write(ReadOnlySpan<byte> piece)
    {
        ThrowIfOver();
        try
        {
            output.Write(piece);
            Written += piece.Length;
        }
        catch
        {
            Fail();
            throw;
        }
    }

    /// <summary>Gives what was written to the system.</summary>
    public void Flush()
    {
        ThrowIfOver();
        try
        {
            output.Flush();
        }
        catch
        {
            Fail();
            throw;
        }
    }

    /// <summary>Changes the file for the last time.</summary>
    /// <param name="complete">Gets the stream, and gives the length that the file has then.</param>
    public void Complete(Func<Stream, long> complete)
    {
        ThrowIfOver();
        try
        {
            Written = complete(output);
            output.Flush();
        }
        catch
        {
            Fail();
            throw;
        }

        IsClosed = true;
    }

    /// <exception cref="IOException">Writing has failed before.</exception>
    /// <exception cref="ObjectDisposedException">It is complete.</exception>
    public void ThrowIfOver()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        if (_hasFailed) throw new IOException("The segment cannot be written any more.");
    }

    /// <summary>Closes the file as it is. Never throws for the disk's sake.</summary>
    public void Dispose()
    {
        try
        {
            output.Dispose();
        }
        catch (IOException)
        {
            // What was flushed is in the file; nothing else was promised.
        }

        _hasFailed |= !IsClosed;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody has been told of it.
        }
    }

    /// <summary>Half a piece at the end of a file would have to be found by the repair.</summary>
    private void Fail()
    {
        _hasFailed = true;
        try
        {
            output.SetLength(Written);
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException or ObjectDisposedException)
        {
            // The repair finds it.
        }
    }
}
