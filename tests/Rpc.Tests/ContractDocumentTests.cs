using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

/// <summary>What docs/rpc.md says is what the code does.</summary>
public sealed class ContractDocumentTests
{
    private static readonly ContractDocument Document = ContractDocument.Read();

    /// <summary>The records that go over the wire: those that the serializer knows, and those in them.</summary>
    private static readonly Dictionary<string, JsonTypeInfo> Records = ContractJson.Default.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Select(property => property.GetValue(ContractJson.Default)).OfType<JsonTypeInfo>()
        .Where(info => info.Kind == JsonTypeInfoKind.Object)
        .ToDictionary(info => info.Type.Name);

    public static TheoryData<string> RecordNames => new(Records.Keys);

    [Theory]
    [MemberData(nameof(RecordNames))]
    public void Record_EachField_IsDocumentedWithTypeAndWhetherItIsRequired(string record) => Assert.Equal(
        Records[record].Properties.Select(p => $"{p.Name} {NameOf(p.PropertyType)} {(p.IsRequired ? "yes" : "no")}").Order(),
        Document[record].Select(row => $"{row[0]} {row[1]} {row[3]}").Order());

    [Fact]
    public void Records_All_AreDocumented() => Assert.Equal(
        Records.Keys.Order(),
        Document.Headings.SkipWhile(h => h != "Types").Skip(1).TakeWhile(h => h != "Enumerations").Order());

    [Fact]
    public void Methods_All_AreDocumented()
    {
        Assert.Equal(Names(typeof(RpcMethods)), FirstCells("Methods"));
        Assert.Equal(Names(typeof(ServerNotifications)), FirstCells("Notifications of the sidecar"));
        Assert.Equal([RpcContract.CancelRequest, RpcContract.Exit], FirstCells("Notifications of the editor"));
    }

    [Fact]
    public void Enumerations_All_AreDocumented()
    {
        foreach (var type in Records.Values.SelectMany(record => record.Properties).Select(property => property.PropertyType)
            .Where(type => type.IsEnum && type != typeof(LogLevel) && type != typeof(TunnelErrorCode)).Distinct())
        {
            Assert.Equal(Enum.GetNames(type), FirstCells(type.Name));
        }

        Assert.Contains(string.Join(", ", Enum.GetNames<LogLevel>().Select(name => $"`{name}`")), Document.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_All_AreDocumentedWithTheirNumbers()
    {
        Assert.Equal(
            Enum.GetValues<RpcErrorCode>().Select(code => $"{(int)code} {code}").Order(),
            Document["Errors of the protocol"].Select(row => $"{row[0]} {row[1]}").Order());
        Assert.Equal(
            Enum.GetValues<TunnelErrorCode>().Select(code => $"{TunnelErrorNumbers.Of(code)} {code}").Order(),
            Document["Errors of tunnels"].Select(row => $"{row[0]} {row[1]}").Order());
    }

    [Fact]
    public void Bounds_All_AreDocumented()
    {
        var bounds = Document["Bytes"].ToDictionary(row => row[0], row => row[1]);
        Assert.Equal($"{Number(MessageReader.MaxHeaderBytes)} bytes", bounds["Header"]);
        Assert.Equal($"{Number(MessageReader.MaxMessageBytes)} bytes", bounds["Message"]);
        Assert.Equal(Number(JsonRpcConnection.MaxConcurrentRequests), bounds["Requests at once"]);
        Assert.Equal(
            $"{TunnelNotifications.MaxWaitingStates} states and 1 statistics of each tunnel, {Number(LogNotifications.MaxWaiting)} log messages",
            bounds["Notifications waiting for a slow client"]);
        Assert.Contains($"every {TunnelNotifications.StatisticsInterval.TotalMilliseconds} ms", Document.Text, StringComparison.Ordinal);
        Assert.Contains($"at most {Number(LogNotifications.MaxTextLength)} characters", Document.Text, StringComparison.Ordinal);
        Assert.Contains($"Protocol version: **{RpcContract.ProtocolVersion}**", Document.Text, StringComparison.Ordinal);
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static IEnumerable<string> FirstCells(string heading) => Document[heading].Select(row => row[0]);

    private static IEnumerable<string> Names(Type type) => type.GetFields()
        .Select(field => (string)field.FieldType.GetProperty("Name")!.GetValue(field.GetValue(null))!);

    private static string NameOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var t when t == typeof(string) || t == typeof(DateTimeOffset) || t == typeof(Uri) => "string",
        var t when t == typeof(int) || t == typeof(long) => "integer",
        var t when t == typeof(double) => "number",
        var t when t == typeof(bool) => "boolean",
        var t when t.IsAssignableTo(typeof(IEnumerable)) => $"{NameOf(t.GetGenericArguments()[0])}[]",
        var t => t.Name,
    };
}
