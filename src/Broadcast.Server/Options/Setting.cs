namespace Broadcast.Server.Options;

/// <summary>One value of the configuration.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Source">Where: a file's name, "environment" or "switch".</param>
internal sealed record Setting(string? Text, string Source);
