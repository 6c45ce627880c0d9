using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Telemetry;

namespace RdsTunnel.Host.Tests;

/// <summary>Whether anything is sent to a collector. What is sent, tests/EndToEnd/metrics.test.mjs reads.</summary>
public sealed class OtlpExportTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("http://collector:4317", "true")]
    public void Start_NoCollectorOrSwitchedOff_IsNothing(string? endpoint, string? disabled) =>
        Assert.Null(Start(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), ("OTEL_SDK_DISABLED", disabled)));

    [Theory]
    [InlineData("db:5432")]
    [InlineData("ftp://user:secret@collector")]
    [InlineData("/secret")]
    public void Start_AnEndpointThatIsNone_SaysWhichVariable_AndNotItsValue(string endpoint)
    {
        var failure = Assert.Throws<OtlpException>(() => Start(("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)));
        Assert.StartsWith("OTEL_EXPORTER_OTLP_ENDPOINT must be", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(endpoint, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_AnUnknownProtocol_SaysWhichThereAre()
    {
        var failure = Assert.Throws<OtlpException>(() =>
            Start(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"))
        );
        Assert.Equal("OTEL_EXPORTER_OTLP_PROTOCOL must be grpc or http/protobuf.", failure.Message);
    }

    /// <summary>OpenTelemetry reads these from the process itself.</summary>
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a-secret-without-a-name")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "-5")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "0")]
    [InlineData("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1000000")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "-1")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nonexistent")]
    public void Start_AVariableThatOpenTelemetryRefuses_IsToldWithoutItsValue_OrDoesNoHarm(string name, string value)
    {
        Environment.SetEnvironmentVariable(name, value);
        try
        {
            Start(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"))?.Dispose();
        }
        catch (OtlpException e)
        {
            Assert.Contains("OTEL_EXPORTER_OTLP_HEADERS", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    private static OtlpExport? Start(params (string Name, string? Value)[] environment) =>
        OtlpExport.Start(
            name => Array.Find(environment, each => each.Name == name).Value,
            "RdsTunnel",
            "0.1.0",
            NullLoggerFactory.Instance
        );
}
