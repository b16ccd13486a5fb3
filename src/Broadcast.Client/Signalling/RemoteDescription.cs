using System.Globalization;
using System.Net;
using Broadcast.Client.Connections;
using Broadcast.Rtc;
using Broadcast.Rtc.Dtls;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Sdp;

namespace Broadcast.Client.Signalling;

/// <summary>What the server said about itself, in an answer or an offer.</summary>
internal sealed record RemoteDescription
{
    /// <summary>Its credentials.</summary>
    public required IceParameters Ice { get; init; }

    /// <summary>It is a lite agent, which sends no checks.</summary>
    public required bool IsIceLite { get; init; }

    /// <summary>UDP addresses, best first.</summary>
    public required IReadOnlyList<TransportAddress> UdpCandidates { get; init; }

    /// <summary>Addresses that accept TCP (RFC 6544), best first.</summary>
    public required IReadOnlyList<TransportAddress> TcpCandidates { get; init; }

    /// <summary>Hashes of its certificate.</summary>
    public required IReadOnlyList<DtlsFingerprint> Fingerprints { get; init; }

    /// <summary>The role left for this end.</summary>
    public required DtlsRole Role { get; init; }

    /// <summary>Null when it carries none.</summary>
    public required TrackParameters? Audio { get; init; }

    /// <summary>Null when it carries none.</summary>
    public required TrackParameters? Video { get; init; }

    /// <summary>Reads a description.</summary>
    /// <exception cref="SignallingException">It cannot be read or lacks what is needed.</exception>
    public static RemoteDescription Parse(string sdp)
    {
        if (!SessionDescription.TryParse(sdp, out var description, out var error)) throw new SignallingException($"The server's SDP cannot be read: {error}");
        return Read(description);
    }

    /// <summary>Takes what is needed from a description.</summary>
    /// <exception cref="SignallingException">Something needed is missing.</exception>
    public static RemoteDescription Read(SessionDescription description)
    {
        var first = description.Media.FirstOrDefault(media => media.IceUsernameFragment.Length > 0)
            ?? throw new SignallingException("The server's SDP has no ICE credentials.");
        var candidates = description.Media.SelectMany(media => media.Candidates).OrderByDescending(candidate => candidate.Priority).ToList();
        return new RemoteDescription
        {
            Ice = new IceParameters(first.IceUsernameFragment, first.IcePassword),
            IsIceLite = description.IsIceLite,
            UdpCandidates = Addresses(candidates.Where(candidate => candidate.Transport == "udp")),
            TcpCandidates = Addresses(candidates.Where(candidate => candidate is { Transport: "tcp", TcpType: "passive" })),
            Fingerprints = ReadFingerprints(first),
            Role = first.Setup == "active" ? DtlsRole.Server : DtlsRole.Client,
            Audio = description.Media.Where(media => media.Kind == "audio").Select(ReadTrack).FirstOrDefault(track => track is not null),
            Video = description.Media.Where(media => media.Kind == "video").Select(ReadTrack).FirstOrDefault(track => track is not null),
        };
    }

    /// <summary>The first codec of an m-line that this tool knows; null when there is none or it was rejected.</summary>
    public static TrackParameters? ReadTrack(MediaDescription media)
    {
        if (!media.IsRtp || (media.Port == 0 && !media.BundleOnly) || media.Direction == MediaDirection.Inactive) return null;
        foreach (var format in media.Formats)
        {
            if (!TryKind(format, out var codec)) continue;
            return new TrackParameters
            {
                Codec = codec,
                PayloadType = format.PayloadType,
                RtxPayloadType = RtxOf(media, format.PayloadType),
                Mid = media.Mid,
                Extensions = ReadExtensions(media),
                Nack = format.HasFeedback("nack"),
                Pli = format.HasFeedback("nack pli"),
                TransportFeedback = format.HasFeedback("transport-cc"),
            };
        }

        return null;
    }

    private static bool TryKind(PayloadFormat format, out CodecKind kind)
    {
        for (kind = CodecKind.Vp8; kind <= CodecKind.Opus; kind++)
        {
            if (format.Is(kind.RtpMapName())) return true;
        }

        return false;
    }

    private static byte RtxOf(MediaDescription media, byte payloadType)
    {
        var associated = string.Create(CultureInfo.InvariantCulture, $"apt={payloadType}");
        return media.Formats.FirstOrDefault(format => format.Is("rtx") && format.FormatParameters.Split(';', StringSplitOptions.TrimEntries).Contains(associated))?.PayloadType ?? 0;
    }

    private static HeaderExtensionMap ReadExtensions(MediaDescription media)
    {
        var map = new HeaderExtensionMap { AllowMixed = media.ExtensionMapAllowMixed };
        foreach (var extension in media.Extensions)
        {
            if (HeaderExtensionMap.TryKindOf(extension.Uri, out var kind)) map.TryAdd(kind, extension.Id);
        }

        return map;
    }

    private static List<TransportAddress> Addresses(IEnumerable<IceCandidate> candidates)
    {
        var addresses = new List<TransportAddress>();
        foreach (var candidate in candidates)
        {
            if (!IPAddress.TryParse(candidate.Address, out var address)) continue; // mDNS names are not looked up
            var parsed = new TransportAddress(address, candidate.Port);
            if (!addresses.Contains(parsed)) addresses.Add(parsed);
        }

        return addresses;
    }

    private static List<DtlsFingerprint> ReadFingerprints(MediaDescription media)
    {
        var fingerprints = new List<DtlsFingerprint>();
        foreach (var text in media.Fingerprints)
        {
            if (DtlsFingerprint.TryParse(text, out var fingerprint)) fingerprints.Add(fingerprint);
        }

        return fingerprints.Count > 0 ? fingerprints : throw new SignallingException("The server's SDP has no usable fingerprint.");
    }
}
