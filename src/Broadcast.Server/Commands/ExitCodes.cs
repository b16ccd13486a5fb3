namespace Broadcast.Server.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    public const int Stopped = 0;

    public const int CannotStart = 1;

    public const int WrongSwitches = 2;
}
