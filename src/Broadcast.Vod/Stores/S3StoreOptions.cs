using System.Diagnostics.CodeAnalysis;
using Broadcast.Signalling.Auth;

namespace Broadcast.Vod.Stores;

/// <summary>Which bucket of which server.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Prefix">Before all keys; empty, or ends with a slash.</param>
/// <param name="Endpoint">Of any server that speaks S3; null for Amazon's.</param>
/// <param name="Region">Amazon's region, or what the server calls it.</param>
/// <param name="AccessKey">Null: as Amazon's programs find it (AWS_ACCESS_KEY_ID, profile, role of the machine).</param>
/// <param name="SecretKey">Belongs to the access key.</param>
/// <param name="PartSize">Bytes of a part of an upload; smaller files go in one request. At least 5 MiB for real servers.</param>
internal sealed record S3StoreOptions(
    string Bucket, string Prefix, Uri? Endpoint, string Region, string? AccessKey, Secret SecretKey, long PartSize = 16 << 20)
{
    public const string Scheme = "s3://";

    /// <summary>Reads <c>s3://bucket/prefix</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? bucket, [NotNullWhen(true)] out string? prefix)
    {
        (bucket, prefix) = (null, null);
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) return false;
        var rest = text[Scheme.Length..].Trim('/');
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        bucket = slash < 0 ? rest : rest[..slash];
        prefix = slash < 0 ? "" : rest[(slash + 1)..] + "/";
        return bucket.Length > 0;
    }
}
