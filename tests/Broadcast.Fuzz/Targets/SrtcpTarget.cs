using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Fuzz.Targets;

/// <summary>SRTCP under every profile: what was changed is never taken for authentic.</summary>
internal sealed class SrtcpTarget : FuzzTarget
{
    private readonly byte[] _work = new byte[64 * 1024];

    public SrtcpTarget()
    {
        var corpus = new List<byte[]>();
        foreach (var profile in SrtpKeys.Profiles)
        {
            using var sender = SrtpKeys.Sender(profile);
            foreach (var plain in SampleRtcp.Compounds)
            {
                byte[] packet = [.. plain, .. new byte[SrtpLimits.MaxRtcpOverhead]];
                corpus.Add(packet[..sender.ProtectRtcp(packet, plain.Length)]);
            }
        }

        Corpus = corpus;
    }

    public override string Name => "srtcp";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (input.Length > _work.Length) return false;
        var accepted = false;
        foreach (var profile in SrtpKeys.Profiles)
        {
            using var receiver = SrtpKeys.Receiver(profile);
            input.CopyTo(_work);
            if (receiver.UnprotectRtcp(_work.AsSpan(0, input.Length), out var length) != DropReason.None) continue;
            accepted = true;
            Invariant.Holds(length == input.Length - profile.RtcpOverhead(), "a packet shrinks by its trailer");
            Invariant.Holds(SrtpKeys.Contains(Corpus, input), "only what was sent is authentic");
            Invariant.Holds(SrtpKeys.Contains(SampleRtcp.Compounds, _work.AsSpan(0, length)), "what was sent comes out");
        }

        return accepted;
    }
}
