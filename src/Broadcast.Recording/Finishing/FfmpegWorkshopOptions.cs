using System.ComponentModel.DataAnnotations;

namespace Broadcast.Recording.Finishing;

/// <summary>How FFmpeg is found and how much of the machine it may have.</summary>
public sealed class FfmpegWorkshopOptions
{
    /// <summary>Path of ffmpeg, with ffprobe beside it; null for what the PATH finds.</summary>
    public string? Ffmpeg { get; set; }

    /// <summary>How far FFmpeg steps back behind the live streams, as for <c>nice</c>.</summary>
    /// <remarks>Defaults to 15: it gets what forwarding leaves over.</remarks>
    [Range(0, 19)]
    public int Niceness { get; set; } = 15;

    /// <summary>An FFmpeg that neither reads, writes nor tells progress for so long hangs, and is killed.</summary>
    /// <remarks>Defaults to 60 seconds.</remarks>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Threads of an encoder.</summary>
    /// <remarks>Defaults to half of the machine's.</remarks>
    [Range(1, 64)]
    public int EncoderThreads { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);
}
