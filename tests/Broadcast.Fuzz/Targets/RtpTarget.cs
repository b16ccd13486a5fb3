using Broadcast.Fuzz.Corpus;
using Broadcast.Rtc;
using Broadcast.Rtc.HeaderExtensions;
using Broadcast.Rtc.Rtp;

namespace Broadcast.Fuzz.Targets;

/// <summary>Headers, extensions in both forms, what viewers get of them, RTX.</summary>
internal sealed class RtpTarget : FuzzTarget
{
    private readonly byte[] _stored = new byte[160];
    private readonly byte[] _block = new byte[512];

    public override string Name => "rtp";

    public override IReadOnlyList<byte[]> Corpus => SampleRtp.Packets;

    public override bool Run(ReadOnlySpan<byte> input)
    {
        if (RtpPacketView.TryParse(input, out var packet) != DropReason.None) return false;
        Invariant.Holds(packet.HeaderLength + packet.Payload.Length + packet.PaddingLength == input.Length, "header, payload and padding make the packet");
        var values = HeaderExtensionValues.Parse(packet, SampleRtp.Extensions);
        CheckExtensions(packet);
        CheckForwarding(values);
        RtxPayload.TryParse(packet.Payload, out _, out _);
        return true;
    }

    private static void CheckExtensions(in RtpPacketView packet)
    {
        var reader = new HeaderExtensionReader(packet.ExtensionProfile, packet.ExtensionData);
        var bytes = 0;
        while (reader.TryRead(out var id, out var value))
        {
            bytes += 1 + value.Length;
            Invariant.Holds(id != 0, "an element has an id");
        }

        Invariant.Holds(bytes <= packet.ExtensionData.Length, "elements lie inside the block");
    }

    private void CheckForwarding(in HeaderExtensionValues values)
    {
        if (DependencyDescriptorView.TryParse(values.DependencyDescriptor, out var descriptor) == DropReason.None) _ = descriptor.HasTemplateStructure;
        Span<VideoLayer> layers = stackalloc VideoLayer[VideoLayersAllocation.MaximumLayers];
        if (VideoLayersAllocation.TryParse(values.VideoLayersAllocation, layers, out var allocation) == DropReason.None)
            Invariant.Holds(allocation.LayerCount is >= 0 and <= VideoLayersAllocation.MaximumLayers, "layers fit the room for them");

        var length = ForwardableExtensions.Write(_stored, values);
        var writer = new HeaderExtensionWriter(_block, SampleRtp.Extensions, twoByte: true);
        ForwardableExtensions.CopyTo(_stored.AsSpan(0, length), ref writer);
        var written = writer.Finish();
        Invariant.Holds(written % 4 == 0, "a block is whole words");
        if (written == 0) return;

        var profile = (ushort)((_block[0] << 8) | _block[1]);
        var reader = new HeaderExtensionReader(profile, _block.AsSpan(HeaderExtensionWriter.HeadLength, written - HeaderExtensionWriter.HeadLength));
        var stored = new ForwardableExtensionReader(_stored.AsSpan(0, length));
        while (stored.TryRead(out var kind, out var value))
        {
            Invariant.Holds(
                reader.TryRead(out var id, out var copied) && id == SampleRtp.Extensions.IdOf(kind) && copied.SequenceEqual(value),
                "a viewer gets what was stored");
        }
    }
}
