namespace Broadcast.Server.Commands;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    public const int Stopped = 0;

    public const int CannotStart = 1;

    /// <summary>Of a command that asks a node: there is no answer, or not the one asked for.</summary>
    public const int Failed = 1;

    public const int WrongSwitches = 2;
}
