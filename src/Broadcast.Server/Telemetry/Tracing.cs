using System.Diagnostics;
using System.Reflection;
using Broadcast.Grains.Hosting;
using Broadcast.MediaNode.Telemetry;
using Broadcast.Signalling.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Broadcast.Server.Telemetry;

/// <summary>Sends traces to a collector by OTLP, when there is one. Without one nothing listens, and a span that nobody listens to is not made.</summary>
internal static class Tracing
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    /// <summary>True when there is a collector: in the node's configuration, or in the environment as OpenTelemetry has it.</summary>
    public static bool IsOn(TelemetryOptions options, Func<string, string?> environment) =>
        options.OtlpEndpoint.Length > 0 || environment(Endpoint) is { Length: > 0 } || environment(TracesEndpoint) is { Length: > 0 };

    /// <summary>Listens and exports until it is disposed of.</summary>
    public static TracerProvider Start(TelemetryOptions options, string nodeId) =>
        Sdk.CreateTracerProviderBuilder()
            .ConfigureResource(resource => resource.AddService("broadcast", serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString(3), autoGenerateServiceInstanceId: false, serviceInstanceId: nodeId))
            .AddSource(SignallingTraces.Name, MediaTraces.Name, ClusterTraces.Name, ClusterTraces.Grains)
            .SetSampler(new TraceSampler(options.SampleRatio, options.MaxTracesPerSecond, TimeProvider.System, new Random()))
            .AddOtlpExporter(otlp => Configure(otlp, options))
            .Build();

    /// <summary>Requests begin without a span of the HTTP server's, which would carry on what a stranger's request says.</summary>
    public static void UseOwnSpansOnly(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        Activity.Current = null;
        return next(context);
    });

    // What is left alone comes from the variables of OpenTelemetry: headers, timeouts, certificates.
    private static void Configure(OtlpExporterOptions otlp, TelemetryOptions options)
    {
        if (options.OtlpEndpoint.Length == 0) return;
        var isHttp = options.OtlpProtocol == "http";
        otlp.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        var endpoint = new Uri(options.OtlpEndpoint);
        otlp.Endpoint = isHttp && endpoint.AbsolutePath == "/" ? new Uri(endpoint, "v1/traces") : endpoint;
    }
}
