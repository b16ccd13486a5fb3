namespace Broadcast.Server.Doctor;

/// <summary>May the process have enough files and connections open?</summary>
internal static class LimitCheck
{
    private const string Name = "open files";

    /// <param name="maxSessions">Each may hold a connection for events, and one for media by TCP.</param>
    /// <param name="read">The text of a file; null when there is none.</param>
    public static Finding Run(int maxSessions, Func<string, string?> read)
    {
        var line = read("/proc/self/limits")?.Split('\n').FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not { Length: >= 5 }) return Finding.Ok(Name, "not checked: this system does not tell");
        // The runtime raises the soft limit to the hard one.
        if (!long.TryParse(words[4], out var limit)) return Finding.Ok(Name, "no limit");
        var wanted = (2L * maxSessions) + 1024;
        return limit >= wanted
            ? Finding.Ok(Name, $"{limit} allowed")
            : Finding.Warn(Name, $"{limit} allowed, {wanted} may be needed for {maxSessions} sessions. Set LimitNOFILE={wanted} (systemd) or ulimit -n, or lower --max-sessions.");
    }
}
