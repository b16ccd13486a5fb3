namespace Broadcast.Server.Doctor;

/// <summary>Can the node write where it keeps things, and is there room?</summary>
internal static class FolderCheck
{
    private const long Scarce = 1L << 30;
    private const long TooLittle = 100L << 20;

    public static Finding Run(string check, string folder)
    {
        if (File.Exists(folder)) return Finding.Fail(check, $"{folder} is a file. Name a folder.");
        // It may be made at the first start: then its nearest parent decides.
        var there = new DirectoryInfo(Path.GetFullPath(folder));
        while (!there.Exists && there.Parent is not null) there = there.Parent;
        try
        {
            var probe = Path.Combine(there.FullName, $".doctor-{Guid.NewGuid():N}");
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
            }

            var free = new DriveInfo(there.FullName).AvailableFreeSpace;
            var sentence = $"{folder} is writable, {free / 1e9:0.0} GB free";
            return free switch
            {
                < TooLittle => Finding.Fail(check, $"{sentence}. Make room: recordings would stand still."),
                < Scarce => Finding.Warn(check, $"{sentence}. An hour at 3 Mbit/s takes 1.4 GB."),
                _ => Finding.Ok(check, sentence),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Finding.Fail(check, $"{folder} cannot be written by this user: {exception.Message} Change its owner, or name another folder.");
        }
    }
}
