namespace Broadcast.Recording.Sessions;

/// <summary>Tells what a disk does wrong from what a program does wrong.</summary>
internal static class StorageFault
{
    /// <summary>True for a disk that is full, gone, or not ours to write to.</summary>
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;
}
