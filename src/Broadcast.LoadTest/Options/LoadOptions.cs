using Broadcast.Client.Connections;
using Broadcast.Rtc;
using Broadcast.Rtc.Srtp;

namespace Broadcast.LoadTest.Options;

/// <summary>Which interface the server speaks.</summary>
internal enum PeerKind
{
    /// <summary>WHIP and WHEP.</summary>
    Whip,

    /// <summary>Janus Gateway's video room.</summary>
    Janus,
}

/// <summary>What a run does. The defaults are the known peers' load: 2.5 Mbit/s in about 270 packets per second.</summary>
internal sealed record LoadOptions : ConnectionOptions
{
    /// <summary>How to speak to it.</summary>
    public PeerKind Peer { get; init; }

    /// <summary>Where viewers go; null: where publishers go.</summary>
    public Uri? WatchServer { get; init; }

    /// <summary>The stream; with several publishers the names are NAME-1, NAME-2, ….</summary>
    public string Stream { get; init; } = "loadtest";

    /// <summary>Bearer token; null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>Viewers, spread evenly over the streams.</summary>
    public int Viewers { get; init; } = 10;

    /// <summary>Publishers; 0 watches a stream somebody else publishes.</summary>
    public int Publishers { get; init; } = 1;

    /// <summary>Video bits per second.</summary>
    public int Bitrate { get; init; } = 2_500_000;

    /// <summary>Picture size in pixels.</summary>
    public (int Width, int Height) Size { get; init; } = (1280, 720);

    /// <summary>Frames per second.</summary>
    public int FramesPerSecond { get; init; } = 30;

    /// <summary>Frames between keyframes nobody asked for.</summary>
    public int KeyframeInterval { get; init; } = 60;

    /// <summary>The publishers keep to the keyframe interval, whatever they are asked.</summary>
    public bool IgnoreKeyframeRequests { get; init; }

    /// <summary>Each picture says its number in the clip.</summary>
    public bool NumberedFrames { get; init; }

    /// <summary>VP8 with three temporal layers.</summary>
    public bool TemporalLayers { get; init; }

    /// <summary>Encodings of each publisher: RID 0 as asked for, each further one of half the size and a quarter of the rate.</summary>
    public int Encodings { get; init; } = 1;

    /// <summary>What viewers choose as soon as they play, in the JSON of WHEP's layer extension; null chooses nothing.</summary>
    public string? Layer { get; init; }

    /// <summary>How a frame's packets leave the publisher.</summary>
    public Pacing Pacing { get; init; }

    /// <summary>Viewers that begin to join per second.</summary>
    public double JoinRate { get; init; } = 50;

    /// <summary>Length of the measuring window.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between the last join and the window.</summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Processes of the server; empty measures none.</summary>
    public IReadOnlyList<int> ServerProcesses { get; init; } = [];

    /// <summary>Where the result goes as JSON; null writes none.</summary>
    public string? JsonPath { get; init; }

    /// <summary>A Markdown table to which the result is appended as a row; null appends none.</summary>
    public string? TablePath { get; init; }

    /// <summary>The server's name in that table; null takes its address.</summary>
    public string? Label { get; init; }

    /// <summary>A playing viewer decrypts every n-th packet.</summary>
    public int SampleEvery { get; init; } = 64;

    /// <summary>Threads that serve viewers.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>HTTP requests at a time.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>The name of a publisher's stream.</summary>
    public string StreamName(int publisher) => Publishers <= 1 ? Stream : $"{Stream}-{publisher + 1}";
}
