namespace Broadcast.Rtc.HeaderExtensions;

/// <summary>The id-free form in which a cached packet keeps the header extensions that viewers get as the publisher sent them.</summary>
/// <remarks>
/// A sequence of <c>[kind][length][value]</c>. Kept are audio level, video orientation, capture time, colour space, content type and
/// dependency descriptor; all others belong to one hop. Ids differ per peer, so they are put back by
/// <see cref="CopyTo"/>, once per viewer.
/// </remarks>
public static class ForwardableExtensions
{
    /// <summary>Bytes before each value.</summary>
    public const int ElementHeadLength = 2;

    /// <summary>Stores what is forwardable.</summary>
    /// <param name="destination">Elements that do not fit are left out.</param>
    /// <param name="values">What the packet carried.</param>
    /// <returns>Bytes written; 0 when nothing is forwardable.</returns>
    public static int Write(Span<byte> destination, in HeaderExtensionValues values)
    {
        var length = 0;
        if (values.HasAudioLevel) WriteOctet(destination, ref length, HeaderExtensionKind.AudioLevel, values.AudioLevel);
        if (values.HasVideoOrientation) WriteOctet(destination, ref length, HeaderExtensionKind.VideoOrientation, values.VideoOrientation);
        if (values.HasVideoContentType) WriteOctet(destination, ref length, HeaderExtensionKind.VideoContentType, values.VideoContentType);
        WriteElement(destination, ref length, HeaderExtensionKind.AbsoluteCaptureTime, values.AbsoluteCaptureTime);
        WriteElement(destination, ref length, HeaderExtensionKind.DependencyDescriptor, values.DependencyDescriptor);
        WriteElement(destination, ref length, HeaderExtensionKind.ColorSpace, values.ColorSpace);
        return length;
    }

    /// <summary>Appends stored elements to a viewer's block; those the viewer did not negotiate, or the form cannot hold, are skipped.</summary>
    public static void CopyTo(scoped ReadOnlySpan<byte> stored, ref HeaderExtensionWriter writer)
    {
        var reader = new ForwardableExtensionReader(stored);
        while (reader.TryRead(out var kind, out var value)) writer.Write(kind, value);
    }

    private static void WriteOctet(Span<byte> destination, ref int length, HeaderExtensionKind kind, byte value) =>
        WriteElement(destination, ref length, kind, new ReadOnlySpan<byte>(in value));

    private static void WriteElement(Span<byte> destination, ref int length, HeaderExtensionKind kind, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.Length > byte.MaxValue || length + ElementHeadLength + value.Length > destination.Length) return;
        destination[length] = (byte)kind;
        destination[length + 1] = (byte)value.Length;
        value.CopyTo(destination[(length + ElementHeadLength)..]);
        length += ElementHeadLength + value.Length;
    }
}

/// <summary>Walks what <see cref="ForwardableExtensions.Write"/> stored.</summary>
public ref struct ForwardableExtensionReader(ReadOnlySpan<byte> stored)
{
    private ReadOnlySpan<byte> _rest = stored;

    /// <summary>Reads the next element; false at the end (or at bytes that were not stored by the writer).</summary>
    public bool TryRead(out HeaderExtensionKind kind, out ReadOnlySpan<byte> value)
    {
        kind = default;
        value = default;
        if (_rest.Length < ForwardableExtensions.ElementHeadLength || _rest[0] >= HeaderExtensionMap.KindCount) return false;

        var end = ForwardableExtensions.ElementHeadLength + _rest[1];
        if (end > _rest.Length) return false;
        kind = (HeaderExtensionKind)_rest[0];
        value = _rest[ForwardableExtensions.ElementHeadLength..end];
        _rest = _rest[end..];
        return true;
    }
}
