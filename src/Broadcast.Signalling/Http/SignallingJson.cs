using System.Text.Json;
using System.Text.Json.Serialization;
using Broadcast.Signalling.Api;

namespace Broadcast.Signalling.Http;

/// <summary>Source-generated serializers of everything this surface reads and writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(StreamView))]
[JsonSerializable(typeof(StreamView[]))]
[JsonSerializable(typeof(IReadOnlyList<StreamView>))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(SessionView[]))]
[JsonSerializable(typeof(IReadOnlyList<SessionView>))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(WhoAmIView))]
[JsonSerializable(typeof(InfoView))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(NodeView[]))]
[JsonSerializable(typeof(IReadOnlyList<NodeView>))]
[JsonSerializable(typeof(TreeView))]
[JsonSerializable(typeof(ScaleView[]))]
[JsonSerializable(typeof(BanRequest))]
[JsonSerializable(typeof(BanView))]
[JsonSerializable(typeof(BanView[]))]
[JsonSerializable(typeof(IReadOnlyList<BanView>))]
[JsonSerializable(typeof(IReadOnlyList<ScaleView>))]
internal sealed partial class SignallingJson : JsonSerializerContext;
