namespace Broadcast.Server.Doctor;

/// <summary>How a check ended.</summary>
internal enum Verdict
{
    Ok,

    /// <summary>The node runs, but not as well as it could, or not for long.</summary>
    Warn,

    /// <summary>The node would not start, or not do what is configured.</summary>
    Fail,
}

/// <summary>What one check found.</summary>
/// <param name="Check">Its name, the same in every release.</param>
/// <param name="Verdict">How it ended.</param>
/// <param name="Message">What was found, and what to do unless it is well.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Message)
{
    public static Finding Ok(string check, string message) => new(check, Verdict.Ok, message);

    public static Finding Warn(string check, string message) => new(check, Verdict.Warn, message);

    public static Finding Fail(string check, string message) => new(check, Verdict.Fail, message);
}
