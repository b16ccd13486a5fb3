using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.Rtp;
using Broadcast.Rtc.Srtp;

namespace Broadcast.Fuzz.Targets;

/// <summary>SRTP under every profile: what was changed is never taken for authentic.</summary>
internal sealed class SrtpTarget : FuzzTarget
{
    private readonly byte[] _work = new byte[64 * 1024];

    public SrtpTarget()
    {
        var corpus = new List<byte[]>();
        foreach (var profile in SrtpKeys.Profiles)
        {
            using var sender = SrtpKeys.Sender(profile);
            foreach (var plain in SampleRtp.Packets)
            {
                RtpPacketView.TryParse(plain, out var view);
                byte[] packet = [.. plain, .. new byte[SrtpLimits.MaxRtpOverhead]];
                corpus.Add(packet[..sender.ProtectRtp(packet, view.HeaderLength, plain.Length, 0)]);
            }
        }

        Corpus = corpus;
    }

    public override string Name => "srtp";

    public override IReadOnlyList<byte[]> Corpus { get; }

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (input.Length > _work.Length) return false;
        var accepted = false;
        foreach (var profile in SrtpKeys.Profiles)
        {
            using var receiver = SrtpKeys.Receiver(profile);
            input.CopyTo(_work);
            if (receiver.UnprotectRtp(_work.AsSpan(0, input.Length), out var length, out _) != DropReason.None) continue;
            accepted = true;
            Invariant.Holds(length == input.Length - profile.RtpOverhead(), "a packet shrinks by its tag");
            Invariant.Holds(SrtpKeys.Contains(Corpus, input), "only what was sent is authentic");
            Invariant.Holds(SrtpKeys.Contains(SampleRtp.Packets, _work.AsSpan(0, length)), "what was sent comes out");
            input.CopyTo(_work);
            Invariant.Holds(
                receiver.UnprotectRtp(_work.AsSpan(0, input.Length), out _, out _) == DropReason.SrtpReplayed, "the second time it is a replay");
        }

        return accepted;
    }
}
