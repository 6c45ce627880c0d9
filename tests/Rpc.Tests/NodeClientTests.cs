using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;
using Nerdbank.Streams;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc.Tests;

/// <summary>The client library that editors use, as it is, at the other end.</summary>
public sealed class NodeClientTests
{
    [NodeFact]
    public async Task VscodeJsonRpc_WholeConversation_Understands()
    {
        using var node = Process.Start(
            new ProcessStartInfo(NodeFactAttribute.Executable!, ["conversation.js"])
            {
                WorkingDirectory = new NodeFactAttribute().Folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = node.StandardError.ReadToEndAsync();
        await using var tunnels = new FakeTunnels();
        tunnels.Before = token => tunnels.Requests.Count == 0 ? Task.CompletedTask : new TaskCompletionSource().Task.WaitAsync(token);
        var connection = new JsonRpcConnection(
            new DuplexPipe(PipeReader.Create(node.StandardOutput.BaseStream), PipeWriter.Create(node.StandardInput.BaseStream)),
            TimeProvider.System,
            NullLogger<JsonRpcConnection>.Instance
        );
        var server = new SidecarServer(
            tunnels,
            new FakeSignIn().Methods(),
            new FakeDiscovery().Methods(),
            new FakeCheck().Methods(),
            new FakeReach().Methods(tunnels),
            new(FakeAgentTools.Instance),
            "1.2.3",
            new(default),
            _ => { },
            TimeProvider.System,
            NullLogger<SidecarServer>.Instance
        );
        using var stop = new CancellationTokenSource();
        var telling = new TunnelNotifications(tunnels, connection, TimeProvider.System).RunAsync(stop.Token);
        tunnels.Opened += info => tunnels.Raise(info with { State = TunnelState.Open });

        var end = await connection.RunAsync(server, CancellationToken.None).WaitAsync(TestClient.Patience);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => telling);
        await node.WaitForExitAsync().WaitAsync(TestClient.Patience);
        Assert.Equal("", await errors);
        Assert.Equal(0, node.ExitCode);
        Assert.Equal(ConnectionEnd.Exit, end);
        Assert.True(tunnels.IsDisposed);
    }
}
