using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broadcast.Signalling.Http;

/// <summary>Source-generated serializers of everything this surface reads and writes.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class SignallingJson : JsonSerializerContext;
