using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Broadcast.Vod.Stores;

/// <summary>A bucket of any server that speaks S3. Uploads go in parts, and go on after a failure or a restart.</summary>
internal sealed class S3Store : IVodStore, IDisposable
{
    private readonly S3StoreOptions _options;
    private readonly AmazonS3Client _client;

    public S3Store(S3StoreOptions options)
    {
        _options = options;
        var config = new AmazonS3Config
        {
            // By path: a server of one's own seldom has a name for each bucket.
            ForcePathStyle = options.Endpoint is not null,
            MaxErrorRetry = 2,
            Timeout = TimeSpan.FromSeconds(60),
            // Servers other than Amazon's do not all know the newer checksums.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region);
        }

        _client = options.AccessKey is { } key
            ? new AmazonS3Client(new BasicAWSCredentials(key, options.SecretKey.Reveal()), config)
            : new AmazonS3Client(config);
    }

    public Task PutAsync(StoreKey key, string path, string mediaType, IProgress<long> progress, CancellationToken cancellation) => AskAsync(async () =>
    {
        var length = new FileInfo(path).Length;
        if (length <= _options.PartSize)
        {
            await using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            await _client.PutObjectAsync(
                new PutObjectRequest { BucketName = _options.Bucket, Key = NameOf(key), InputStream = content, ContentType = mediaType, UseChunkEncoding = false }, cancellation);
            progress.Report(length);
            return true;
        }

        await PutPartsAsync(key, path, length, mediaType, progress, cancellation);
        return true;
    });

    public Task<long?> FindAsync(StoreKey key, CancellationToken cancellation) => AskAsync<long?>(async () =>
    {
        try
        {
            return (await _client.GetObjectMetadataAsync(_options.Bucket, NameOf(key), cancellation)).ContentLength;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.NotFound)
        {
            return null;
        }
    });

    public Task<Stream?> OpenAsync(StoreKey key, long offset, long length, CancellationToken cancellation) => AskAsync<Stream?>(async () =>
    {
        try
        {
            var request = new GetObjectRequest { BucketName = _options.Bucket, Key = NameOf(key), ByteRange = new ByteRange(offset, offset + length - 1) };
            var response = await _client.GetObjectAsync(request, cancellation);
            if (response.ContentLength == length) return response.ResponseStream;
            // A server may send more than was asked for (RFC 9110 §14.2): that is of use only where it begins at the right place.
            if (offset == 0 && response.ContentLength > length) return new StreamWindow(response.ResponseStream, length);
            response.Dispose();
            throw new IOException($"It answered {response.ContentLength} bytes where {length} were asked for.");
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.NotFound)
        {
            return null;
        }
    });

    public Task DeleteAsync(StoreKey key, CancellationToken cancellation) => AskAsync(async () =>
    {
        await _client.DeleteObjectAsync(_options.Bucket, NameOf(key), cancellation);
        return true;
    });

    public void Dispose() => _client.Dispose();

    // What was sent is written down beside the file, so that another process can go on with it.
    private async Task PutPartsAsync(StoreKey key, string path, long length, string mediaType, IProgress<long> progress, CancellationToken cancellation)
    {
        var name = NameOf(key);
        var note = path + ".upload";
        var (uploadId, present) = await ResumeAsync(name, note, cancellation);
        if (uploadId is null)
        {
            var begun = await _client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest { BucketName = _options.Bucket, Key = name, ContentType = mediaType }, cancellation);
            uploadId = begun.UploadId;
            await File.WriteAllTextAsync(note, uploadId, cancellation);
        }

        var parts = new List<PartETag>();
        for (long at = 0, number = 1; at < length; at += _options.PartSize, number++)
        {
            var size = Math.Min(_options.PartSize, length - at);
            if (present.TryGetValue((int)number, out var known) && known.Size == size)
            {
                parts.Add(new PartETag((int)number, known.ETag));
            }
            else
            {
                var sent = await _client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = _options.Bucket,
                        Key = name,
                        UploadId = uploadId,
                        PartNumber = (int)number,
                        FilePath = path,
                        FilePosition = at,
                        PartSize = size,
                        UseChunkEncoding = false,
                    },
                    cancellation);
                parts.Add(new PartETag((int)number, sent.ETag));
            }

            progress.Report(at + size);
        }

        await _client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = _options.Bucket, Key = name, UploadId = uploadId, PartETags = parts }, cancellation);
        File.Delete(note);
    }

    private async Task<(string? UploadId, Dictionary<int, PartDetail> Parts)> ResumeAsync(string name, string note, CancellationToken cancellation)
    {
        if (!File.Exists(note)) return (null, []);
        var uploadId = await File.ReadAllTextAsync(note, cancellation);
        var parts = new Dictionary<int, PartDetail>();
        var request = new ListPartsRequest { BucketName = _options.Bucket, Key = name, UploadId = uploadId };
        try
        {
            ListPartsResponse page;
            do
            {
                page = await _client.ListPartsAsync(request, cancellation);
                foreach (var part in page.Parts ?? []) parts[part.PartNumber ?? 0] = part;
                request.PartNumberMarker = page.NextPartNumberMarker?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
            while (page.IsTruncated == true);
            return (uploadId, parts);
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
        {
            // The server has given the upload up, or it was completed and the note outlived it; or it is one that never tells what it has.
            return (null, []);
        }
    }

    private string NameOf(StoreKey key) => _options.Prefix + key;

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (exception is AmazonServiceException or AmazonClientException or HttpRequestException or IOException
            || (exception is OperationCanceledException && exception.InnerException is TimeoutException))
        {
            throw new StoreUnavailableException($"The S3 store does not take or give files: {exception.Message}", exception);
        }
    }
}
