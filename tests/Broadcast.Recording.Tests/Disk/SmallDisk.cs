using System.Diagnostics;
using System.Globalization;

namespace Broadcast.Recording.Tests.Disk;

/// <summary>A file system in memory that is soon full. Linux, and the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int PageLength = 4096;

    private readonly string _ballast;

    private SmallDisk(string root) => (Root, _ballast) = (root, Path.Combine(root, "ballast"));

    public string Root { get; }

    /// <summary>Mounts one, or skips the test.</summary>
    /// <param name="bytes">Of room.</param>
    public static SmallDisk CreateOrSkip(int bytes)
    {
        if (!OperatingSystem.IsLinux()) Skip("A small disk needs Linux.");
        var root = Directory.CreateTempSubdirectory("broadcast-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes}"), "broadcast-test", root) is { Length: > 0 } obstacle)
        {
            Directory.Delete(root);
            Skip($"A small disk cannot be mounted here: {obstacle}");
        }

        return new SmallDisk(root);
    }

    /// <summary>Fills it until so many pages of 4 KB are left.</summary>
    public void Fill(int pagesLeft)
    {
        using var file = new FileStream(_ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[PageLength];
        try
        {
            while (true) file.Write(page);
        }
        catch (IOException)
        {
            file.SetLength(Math.Max(0, file.Length - (pagesLeft * PageLength)));
        }
    }

    /// <summary>There is room again.</summary>
    public void Free() => File.Delete(_ballast);

    public void Dispose()
    {
        Assert.Equal("", Run("umount", Root));
        Directory.Delete(Root);
    }

    private static void Skip(string reason) => throw new InvalidOperationException("$XunitDynamicSkip$" + reason);

    /// <returns>What went wrong; empty for nothing.</returns>
    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"{program}: {error} ({process.ExitCode})";
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return exception.Message;
        }
    }
}
