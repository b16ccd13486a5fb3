using Broadcast.Rtc.Payloads;

namespace Broadcast.Media.Routing;

/// <summary>The H.264 parameter sets of a track and from where on they hold.</summary>
/// <param name="Sets">What is known.</param>
/// <param name="Since">Extended sequence number of the packet that brought the last change; the minimum for those of the SDP.</param>
public sealed record KnownParameterSets(H264ParameterSets Sets, long Since);
