using Broadcast.Signalling.Auth;
using MessagePack;

namespace Broadcast.Server.Operate;

/// <summary>What one node asks another for an operator's page.</summary>
public enum QuestionKind
{
    /// <summary>A <see cref="Signalling.Operate.Figures.NodeReport"/>; the number is that of the last event known.</summary>
    Report = 1,

    /// <summary>A page of sessions: the text is the stream, the numbers are how many to skip and to take.</summary>
    Sessions = 2,

    /// <summary>The last minutes of a subject, which is the text.</summary>
    Past = 3,

    /// <summary>To end a session, which is the text.</summary>
    End = 4,

    /// <summary>To take bans.</summary>
    Ban = 5,
}

/// <summary>A question. Nodes of two releases ask each other: members are added at the end only.</summary>
[MessagePackObject]
public sealed record Question(
    [property: Key(0)] QuestionKind Kind,
    [property: Key(1)] string Text,
    [property: Key(2)] long Number,
    [property: Key(3)] long Take,
    [property: Key(4)] IReadOnlyList<Ban> Bans);

/// <summary>Questions and answers as bytes.</summary>
internal static class QuestionCodec
{
    private static readonly MessagePackSerializerOptions Options =
        MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData.WithMaximumObjectGraphDepth(16));

    public static byte[] Write<T>(T value) => MessagePackSerializer.Serialize(value, Options);

    /// <summary>Nothing for what cannot be read: another release, or no answer.</summary>
    public static T? Read<T>(byte[]? bytes)
        where T : class
    {
        if (bytes is null or []) return null;
        try
        {
            return MessagePackSerializer.Deserialize<T>(bytes, Options);
        }
        catch (MessagePackSerializationException)
        {
            return null;
        }
    }
}
