using Broadcast.Rtc;
using Broadcast.Testing.Peers;

namespace Broadcast.Simulation.Tests.Layers;

/// <summary>Up, down, to other encodings and layers, at random and without end: no decoder notices.</summary>
public class SwitchStormTests
{
    public static TheoryData<string> Kinds => ["VP8 simulcast", "H264 simulcast", "VP9 L3T3", "VP9 L3T3_KEY", "VP9 L3T3 flexible", "VP9 L3T3_KEY flexible", "AV1 L1T3", "AV1 L3T3", "AV1 L3T3_KEY"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Hundred_wishes_leave_no_trace_in_the_picture(string kind) => new SwitchStorm(ProfileOf(kind), seed: 1).Run(100);

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Category", "Long")]
    public void Thousand_wishes_leave_no_trace_in_the_picture(string kind)
    {
        // The first of them have shown something that the next did not.
        foreach (var seed in new[] { 2, 812_141, 1, 3, 4, 5, 116 }) new SwitchStorm(ProfileOf(kind), seed).Run(1_000);
        new SwitchStorm(ProfileOf(kind), Random.Shared.Next(1_000, 1_000_000)).Run(1_000);
    }

    internal static SimulcastProfile ProfileOf(string kind) => kind switch
    {
        "VP8 simulcast" => SimulcastProfile.Vp8,
        "OBS simulcast" => SimulcastProfile.Obs,
        "H264 simulcast" => SimulcastProfile.H264,
        "VP9 L3T3" => SimulcastProfile.Layered(CodecKind.Vp9, 3, isKeyMode: false),
        "VP9 L3T3_KEY" => SimulcastProfile.Layered(CodecKind.Vp9, 3, isKeyMode: true),
        "VP9 L3T3 flexible" => SimulcastProfile.Layered(CodecKind.Vp9, 3, isKeyMode: false) with { IsFlexible = true },
        "VP9 L3T3_KEY flexible" => SimulcastProfile.Layered(CodecKind.Vp9, 3, isKeyMode: true) with { IsFlexible = true },
        "AV1 L1T3" => SimulcastProfile.Layered(CodecKind.Av1, 1, isKeyMode: false),
        "AV1 L3T3" => SimulcastProfile.Layered(CodecKind.Av1, 3, isKeyMode: false),
        _ => SimulcastProfile.Layered(CodecKind.Av1, 3, isKeyMode: true),
    };
}
