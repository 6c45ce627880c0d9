using System.Globalization;
using RdsTunnel.ContractTool;

namespace RdsTunnel.Rpc.Tests;

/// <summary>What is generated from the contract is up to date, and what is written by hand beside it is true.</summary>
public sealed class ContractTests
{
    private static readonly (string Path, string Text)[] Generated = [.. GeneratedFiles.All()];

    private static string Document => Generated.Single(file => file.Path.EndsWith("rpc.md", StringComparison.Ordinal)).Text;

    public static TheoryData<string> Paths => new(Generated.Select(file => Path.GetFileName(file.Path)));

    [Theory]
    [MemberData(nameof(Paths))]
    public void GeneratedFile_InTheRepository_IsUpToDate(string name)
    {
        var (path, text) = Generated.Single(file => Path.GetFileName(file.Path) == name);
        Assert.True(text == File.ReadAllText(path).ReplaceLineEndings("\n"), $"{name} is not what the contract says: npm run contract");
    }

    [Theory]
    [InlineData("docs/rpc.md", "| `tunnel/open` | [OpenTunnelParams](#opentunnelparams) | [Tunnel](#tunnel) | |")]
    [InlineData(
        "docs/rpc.md",
        "| `database/list` | [ListDatabasesParams](#listdatabasesparams) | [ListDatabasesResult](#listdatabasesresult) | [DatabasesFound](#databasesfound) |"
    )]
    [InlineData("docs/rpc.md", "| `expiresAt` | string, ISO 8601 with offset | no | When the token must be renewed |")]
    [InlineData("docs/rpc.md", "| 1003 | `LocalPortInUse` | Another program listens on the local port |")]
    [InlineData("extension/src/sidecar/contract.ts", "'tunnel/close': [TunnelParams, null];")]
    [InlineData("extension/src/sidecar/contract.ts", "'database/list': DatabasesFound;")]
    [InlineData("extension/src/sidecar/contract.ts", "  securityGroupIds?: string[];")]
    public void GeneratedFile_OfEachKindOfThing_SaysItRight(string file, string line) =>
        Assert.Contains(
            line,
            Generated.Single(generated => generated.Path.Replace('\\', '/').EndsWith(file, StringComparison.Ordinal)).Text,
            StringComparison.Ordinal
        );

    [Fact]
    public void Document_Bounds_AreTheCodes()
    {
        Assert.Contains($"| Header | {Number(MessageReader.MaxHeaderBytes)} bytes |", Document, StringComparison.Ordinal);
        Assert.Contains($"| Message | {Number(MessageReader.MaxMessageBytes)} bytes |", Document, StringComparison.Ordinal);
        Assert.Contains($"| Requests at once | {Number(JsonRpcConnection.MaxConcurrentRequests)} |", Document, StringComparison.Ordinal);
        Assert.Contains(
            $"| {TunnelNotifications.MaxWaitingStates} states and 1 statistics of each tunnel, {Number(LogNotifications.MaxWaiting)} log messages |",
            Document,
            StringComparison.Ordinal
        );
        Assert.Contains($"every {TunnelNotifications.StatisticsInterval.TotalMilliseconds} ms", Document, StringComparison.Ordinal);
        Assert.Contains($"at most {Number(LogNotifications.MaxTextLength)} characters", Document, StringComparison.Ordinal);
        Assert.Contains($"after {MfaRequests.AnswerTime.TotalMinutes} minutes", Document, StringComparison.Ordinal);
        Assert.Contains($"`{RpcContract.Progress}`", Document, StringComparison.Ordinal);
        Assert.Contains($"| `{RpcContract.CancelRequest}` |", Document, StringComparison.Ordinal);
        Assert.Contains($"| `{RpcContract.Exit}` |", Document, StringComparison.Ordinal);
    }

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
