using Broadcast.Signalling.Http;

namespace Broadcast.Vod.Tests;

public class VodOptionsTests
{
    public static TheoryData<VodOptions, string> Wrong => new()
    {
        { new VodOptions { Store = "s3://" }, "needs a bucket" },
        { new VodOptions { S3Endpoint = "minio:9000" }, "S3Endpoint" },
        { new VodOptions { S3AccessKey = "k" }, "S3SecretKeyFile" },
        { new VodOptions { Catalogue = "postgres://host/db" }, "user and a database" },
        { new VodOptions { Webhook = "ftp://host" }, "Webhook" },
        { new VodOptions { MaxAge = TimeSpan.Zero }, "MaxAge" },
        { new VodOptions { MaxBytes = -1 }, "MaxBytes" },
        { new VodOptions { Jobs = 0 }, "Jobs" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_named(VodOptions options, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => OptionsCheck.Validate(options, "Broadcast:Vod")).Message, StringComparison.Ordinal);

    [Fact]
    public void Defaults_and_full_settings_are_right()
    {
        OptionsCheck.Validate(new VodOptions(), "Broadcast:Vod");
        OptionsCheck.Validate(
            new VodOptions
            {
                Store = "s3://bucket/a/b",
                S3Endpoint = "https://minio.example.org:9000",
                S3AccessKey = "k",
                S3SecretKeyFile = "f",
                Catalogue = "postgres://user:p%40ss@host:5432/db",
                Webhook = "https://example.org/hook",
                MaxAge = TimeSpan.FromDays(30),
                MaxBytes = 1,
                MaxBytesPerStream = 1,
                Jobs = 4,
            },
            "Broadcast:Vod");
    }
}
