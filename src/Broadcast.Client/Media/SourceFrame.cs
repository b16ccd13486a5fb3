namespace Broadcast.Client.Media;

/// <summary>One encoded frame (or audio packet) as it stands in a media file.</summary>
/// <param name="Data">What the encoder wrote, without container bytes; shares the file's buffer.</param>
/// <param name="IsKeyframe">Decoding can begin here.</param>
internal readonly record struct SourceFrame(ReadOnlyMemory<byte> Data, bool IsKeyframe);
