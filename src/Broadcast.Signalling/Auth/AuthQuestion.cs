using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broadcast.Signalling.Auth;

/// <summary>What the authorisation webhook is asked.</summary>
/// <param name="Event">Always "authorize"; tells it from events of other webhooks.</param>
/// <param name="At">When.</param>
/// <param name="Node">Who asks.</param>
/// <param name="Action">"publish", "play" or "manage".</param>
/// <param name="Stream">The stream; "*" for what concerns all.</param>
/// <param name="Token">What the caller sent as bearer token.</param>
/// <param name="Address">Where the request comes from.</param>
/// <param name="UserAgent">What the caller says that it is, cut to 256 characters; null when it says nothing.</param>
internal sealed record AuthQuestion(string Event, DateTimeOffset At, string Node, string Action, string Stream, string Token, string? Address, string? UserAgent)
{
    /// <summary>A scope as the webhook knows it.</summary>
    public static string ActionOf(TokenScope scope) => scope switch
    {
        TokenScope.Publish => "publish",
        TokenScope.Watch => "play",
        TokenScope.Operate => "manage",
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, "One scope."),
    };
}

/// <summary>Source-generated serializer of the question.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(AuthQuestion))]
internal sealed partial class AuthJson : JsonSerializerContext;
