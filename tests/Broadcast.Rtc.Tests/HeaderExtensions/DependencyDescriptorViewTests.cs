using Broadcast.Rtc.HeaderExtensions;

namespace Broadcast.Rtc.Tests.HeaderExtensions;

public class DependencyDescriptorViewTests
{
    [Fact]
    public void Mandatory_part_alone_has_no_structure()
    {
        Assert.Equal(DropReason.None, DependencyDescriptorView.TryParse(Hex.Bytes("C5 0102"), out var view));
        Assert.True(view.StartOfFrame);
        Assert.True(view.EndOfFrame);
        Assert.Equal(5, view.TemplateId);
        Assert.Equal(0x0102, view.FrameNumber);
        Assert.False(view.HasTemplateStructure);
        Assert.False(view.HasActiveDecodeTargets);
    }

    [Fact]
    public void Extended_flags_are_read()
    {
        Assert.Equal(DropReason.None, DependencyDescriptorView.TryParse(Hex.Bytes("80 0001 80 00"), out var keyframe));
        Assert.True(keyframe.HasTemplateStructure);
        Assert.False(keyframe.EndOfFrame);
        Assert.Equal(DropReason.None, DependencyDescriptorView.TryParse(Hex.Bytes("00 0001 40"), out var delta));
        Assert.False(delta.HasTemplateStructure);
        Assert.True(delta.HasActiveDecodeTargets);
    }

    [Fact]
    public void Shorter_than_mandatory_is_refused()
    {
        for (var length = 0; length < 3; length++)
        {
            Assert.Equal(DropReason.PayloadTruncated, DependencyDescriptorView.TryParse(new byte[length], out _));
        }
    }
}
