using Microsoft.Win32.SafeHandles;

namespace Broadcast.MediaNode.Udp;

/// <summary>Owns a file descriptor and closes it once.</summary>
internal sealed class Descriptor : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>Takes ownership of <paramref name="descriptor"/>.</summary>
    public Descriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number, for calls made by the single owner, who knows that it is open.</summary>
    public int Value => (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
