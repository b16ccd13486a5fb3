using System.Text;
using Broadcast.Rtc.Sdp;

namespace Broadcast.Fuzz.Targets;

/// <summary>Trickled candidates and ICE restarts.</summary>
internal sealed class TrickleFragmentTarget : FuzzTarget
{
    private static readonly IceCredentials Local = new("server00", "passwordOfThisServer22");

    public override string Name => "trickle";

    public override bool IsText => true;

    public override IReadOnlyList<byte[]> Corpus { get; } =
    [
        [.. "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"u8,
            .. "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\n"u8,
            .. "a=candidate:3471623853 1 udp 2122194687 1f0b7a52-44d1-4c0e-8a43-1f0b6f4d1c11.local 61765 typ host\r\n"u8,
            .. "a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active\r\na=end-of-candidates\r\n"u8],
        [.. "a=group:BUNDLE 0 1\na=ice-options:trickle\na=ice-ufrag:ysXw\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\n"u8],
    ];

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (!TrickleFragment.TryParse(Encoding.UTF8.GetString(input), out var fragment, out var error))
        {
            Invariant.Holds(error.Length > 0, "a refusal says why");
            return false;
        }

        foreach (var candidate in fragment.Candidates)
            Invariant.Holds(IceCandidate.TryParse(candidate.ToString(), out var again) && again == candidate, "a candidate reads as it is written");
        var answer = TrickleFragment.WriteRestart(fragment, Local, ["candidate:1 1 udp 2130706431 192.0.2.9 8181 typ host"]);
        Invariant.Holds(TrickleFragment.TryParse(answer, out var read, out _) && read.UsernameFragment == Local.UsernameFragment, "an answer can be read");
        return true;
    }
}
