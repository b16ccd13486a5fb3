using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using Broadcast.Vod.Stores;

namespace Broadcast.Vod;

/// <summary>Where recordings lie and how long they are kept. Configuration section <c>Broadcast:Vod</c>.</summary>
public sealed class VodOptions : IValidatableObject
{
    /// <summary>Folder in which recordings grow and wait for the store; empty stands for <c>recordings/spool</c> in the data folder.</summary>
    /// <remarks>A disk of this machine: a recorder that waits for a file server loses pictures.</remarks>
    public string Spool { get; set; } = "";

    /// <summary>Where finished files go: a folder, or <c>s3://bucket/prefix</c>; empty stands for <c>recordings/store</c> in the data folder.</summary>
    public string Store { get; set; } = "";

    /// <summary>Address of a server that speaks S3; empty stands for Amazon's.</summary>
    public string S3Endpoint { get; set; } = "";

    /// <summary>Amazon's region, or what the server calls it.</summary>
    public string S3Region { get; set; } = "us-east-1";

    /// <summary>Access key; null: AWS_ACCESS_KEY_ID, a profile, or the role of the machine.</summary>
    public string? S3AccessKey { get; set; }

    /// <summary>File with the secret that belongs to the access key.</summary>
    public string S3SecretKeyFile { get; set; } = "";

    /// <summary>Catalogue: <c>postgres://user:password@host/database</c>, which nodes of a cluster share, or the path of an SQLite file; empty stands for <c>recordings/catalogue.db</c> in the data folder.</summary>
    public string Catalogue { get; set; } = "";

    /// <summary>Clips, exports and finishing recordings at once.</summary>
    [Range(1, 64)]
    public int Jobs { get; set; } = 1;

    /// <summary>Recordings older than this are deleted; null: none.</summary>
    public TimeSpan? MaxAge { get; set; }

    /// <summary>Bytes of all recordings of this node; the oldest go when there are more. 0 for no limit.</summary>
    [Range(0, long.MaxValue)]
    public long MaxBytes { get; set; }

    /// <summary>Bytes of all recordings of a stream; the oldest go when there are more. 0 for no limit.</summary>
    [Range(0, long.MaxValue)]
    public long MaxBytesPerStream { get; set; }

    /// <summary>Address that is told of recordings by POST; empty: none.</summary>
    public string Webhook { get; set; } = "";

    /// <summary>File with the secret that signs what is told; empty: not signed.</summary>
    public string WebhookSecretFile { get; set; } = "";

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Store.StartsWith(S3StoreOptions.Scheme, StringComparison.Ordinal) && !S3StoreOptions.TryParse(Store, out _, out _))
            yield return new ValidationResult("Store needs a bucket: s3://bucket/prefix.");
        if (S3Endpoint.Length > 0 && !IsHttp(S3Endpoint, out _))
            yield return new ValidationResult("S3Endpoint takes an address such as https://minio.example.org:9000.");
        if (S3AccessKey is not null && S3SecretKeyFile.Length == 0)
            yield return new ValidationResult("S3AccessKey needs S3SecretKeyFile.");
        if (Webhook.Length > 0 && !IsHttp(Webhook, out _))
            yield return new ValidationResult("Webhook takes an address such as https://example.org/hook.");
        if (MaxAge <= TimeSpan.Zero)
            yield return new ValidationResult("MaxAge is more than nothing, such as 30.00:00:00 for thirty days.");
        if (IsPostgres && !PostgresAddress.TryParse(Catalogue, out _))
            yield return new ValidationResult("A PostgreSQL catalogue needs a host, a user and a database: postgres://user:password@host:port/database.");
    }

    /// <summary>True for a catalogue that nodes share.</summary>
    internal bool IsPostgres => Catalogue.StartsWith("postgres://", StringComparison.Ordinal) || Catalogue.StartsWith("postgresql://", StringComparison.Ordinal);

    private static bool IsHttp(string text, [NotNullWhen(true)] out Uri? address) => Uri.TryCreate(text, UriKind.Absolute, out address) && address.Scheme is "http" or "https";
}
