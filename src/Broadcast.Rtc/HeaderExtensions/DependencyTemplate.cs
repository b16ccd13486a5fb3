namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>What a frame dependency template says of the frames that name it: their layer and their place in each decode target.</summary>
/// <param name="SpatialId">0 to 3.</param>
/// <param name="TemporalId">0 to 3.</param>
/// <param name="Present">Decode targets, one bit each, whose indication is not "not present".</param>
/// <param name="Switch">Decode targets whose indication is "switch".</param>
internal readonly record struct DependencyTemplate(byte SpatialId, byte TemporalId, ushort Present, ushort Switch);
