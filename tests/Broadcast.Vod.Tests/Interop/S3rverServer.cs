using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Broadcast.Grains.Tests.Servers;
using Broadcast.Signalling.Auth;
using Broadcast.Vod.Stores;

namespace Broadcast.Vod.Tests.Interop;

/// <summary>An S3 server that shares nothing with this project, and checks signatures: s3rver, in Node.</summary>
public sealed class S3rverServer : ServerProcess
{
    public const string Bucket = "recordings";

    /// <summary>The only account that it knows, as its access key and its secret.</summary>
    public const string Key = "S3RVER";

    /// <summary>Amazon takes no smaller parts but for the last one.</summary>
    public const int PartSize = 5 << 20;

    public override string Url => $"http://127.0.0.1:{Port}";

    protected override string ReadyText => "ready";

    /// <summary>All objects that it has, by their keys.</summary>
    public IReadOnlyList<string> Objects => [.. Directory.EnumerateFiles(Path.Combine(Folder, Bucket), "*._S3rver_object", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Path.Combine(Folder, Bucket), path).Replace("._S3rver_object", "", StringComparison.Ordinal))];

    internal S3Store Open(string secret = Key) => new(new S3StoreOptions(Bucket, "some/where/", new Uri(Url), "us-east-1", Key, new Secret(secret), PartSize));

    protected override ProcessStartInfo StartInfo() =>
        new("node", [Path.Combine(Scripts(), "serve.mjs"), Port.ToString(CultureInfo.InvariantCulture), Folder, Bucket]);

    private static string Scripts([CallerFilePath] string here = "")
    {
        var scripts = Path.Combine(Path.GetDirectoryName(here)!, "s3rver");
        return Directory.Exists(Path.Combine(scripts, "node_modules")) ? scripts : throw new InvalidOperationException($"Run: npm ci --prefix {scripts}");
    }
}
