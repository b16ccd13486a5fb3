using System.ComponentModel.DataAnnotations;

namespace Broadcast.Server.Telemetry;

/// <summary>Traces of joins and healings. Configuration section <c>Broadcast:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Where spans are sent: a collector that speaks OTLP, such as <c>http://collector:4318</c>; empty takes <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, without which nothing is traced.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>"http" (protobuf) or "grpc".</summary>
    [RegularExpression("http|grpc", ErrorMessage = "OtlpProtocol is http or grpc.")]
    public string OtlpProtocol { get; set; } = "http";

    /// <summary>Share of joins that are traced, 0 to 1, where the caller's own trace does not ask for it.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; set; } = 1;

    /// <summary>Traces that may begin in a second, whoever asks for them.</summary>
    [Range(1, 10_000)]
    public int MaxTracesPerSecond { get; set; } = 10;
}
