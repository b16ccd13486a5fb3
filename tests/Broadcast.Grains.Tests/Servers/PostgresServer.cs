using System.Diagnostics;
using System.Globalization;

namespace Broadcast.Grains.Tests.Servers;

/// <summary>PostgreSQL with a password; as the user "postgres" where the tests are root, which it refuses to be.</summary>
public sealed class PostgresServer : ServerProcess
{
    private const string Password = "p@ss/word";

    public override string Url => $"postgres://broadcast:{Uri.EscapeDataString(Password)}@127.0.0.1:{Port}/postgres";

    protected override string ReadyText => "ready to accept connections";

    private string Data => Path.Combine(Folder, "data");

    protected override async Task PrepareAsync()
    {
        var passwordFile = Path.Combine(Folder, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        if (Environment.IsPrivilegedProcess) await RunAsync(new("chown", ["-R", "postgres:", Folder]));
        await RunAsync(AsServerUser("initdb", "-D", Data, "-U", "broadcast", "-A", "scram-sha-256", "--pwfile", passwordFile, "--no-sync", "-E", "UTF8", "--locale=C"));
    }

    protected override ProcessStartInfo StartInfo() => AsServerUser(
        "postgres",
        "-D", Data, "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", Folder, "-c", "fsync=off", "-c", "logging_collector=off", "-c", "lc_messages=C");

    private static ProcessStartInfo AsServerUser(string program, params string[] arguments)
    {
        string[] words = [Find(program), .. arguments];
        if (Environment.IsPrivilegedProcess) words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. words];
        return new ProcessStartInfo(words[0], words[1..]) { WorkingDirectory = "/" };
    }

    // Debian keeps the server's programs out of the path, a folder for each major version.
    private static string Find(string program)
    {
        const string Versions = "/usr/lib/postgresql";
        return Directory.Exists(Versions)
            ? Directory.GetDirectories(Versions).Select(version => Path.Combine(version, "bin", program)).Where(File.Exists).Order(StringComparer.Ordinal).LastOrDefault(program)
            : program;
    }
}
