using Broadcast.Media.Layers;

namespace Broadcast.Media.Rewrite;

/// <summary>Where and how one source packet appears in a viewer's stream; the same again when it is sent again.</summary>
/// <param name="Sent">Extended sequence number toward the viewer.</param>
/// <param name="TimestampOffset">Sent timestamp minus source timestamp, modulo 2^32.</param>
/// <param name="PictureIdOffset">Sent picture id or frame number minus the source's; modulo the field's width.</param>
/// <param name="Selection">The layers that were forwarded when it was placed.</param>
public readonly record struct Placement(long Sent, uint TimestampOffset, ushort PictureIdOffset, LayerSelection Selection);
