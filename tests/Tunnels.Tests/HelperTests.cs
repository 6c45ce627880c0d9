using RdsTunnel.Aws;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>A program that gives credentials fails: no sign-in helps, and the next connection tries again.</summary>
public sealed class HelperTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("rds-tunnel-tunnels-");

    private string IsUp => Path.Combine(_home.FullName, "vpn");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task Connect_CredentialProcessFails_IsFaultedUntilTheNextConnectionFindsItWorking()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        var tunnel = await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = "127.0.0.1",
                Port = server.Port,
                MaxSessions = 1,
                Scope = new AwsScope("dev"),
            },
            CancellationToken.None
        );

        using (var refused = await Stack.ConnectAsync(tunnel.LocalPort))
        {
            var faulted = await stack.WhenAsync(info => info.State is TunnelState.Faulted or TunnelState.NeedsSignIn);
            Assert.Equal((TunnelState.Faulted, TunnelErrorCode.CredentialsUnavailable), (faulted.State, faulted.Fault!.Code));
            Assert.Contains("The VPN is down", faulted.Fault.Message, StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(IsUp, "");
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await Bytes.SendAllAsync(client, "hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await Bytes.ReceiveAsync(client, 5));
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
    }

    private Task<Stack> StartAsync()
    {
        var helper = Path.Combine(_home.FullName, "helper.sh");
        File.WriteAllText(
            helper,
            $$"""
            [ -e {{IsUp}} ] || { echo "The VPN is down" >&2; exit 1; }
            echo '{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}'
            """
        );
        File.WriteAllText(
            Path.Combine(_home.CreateSubdirectory(".aws").FullName, "config"),
            $"[profile dev]\ncredential_process = sh {helper}\n"
        );
        return Stack.StartAsync(
            new EmulatorOptions { Agent = new AgentOptions { Unpaced = true } },
            new Dictionary<string, string?>
            {
                ["HOME"] = _home.FullName,
                ["AWS_ACCESS_KEY_ID"] = null,
                ["AWS_SECRET_ACCESS_KEY"] = null,
                ["AWS_CONFIG_FILE"] = null,
            }
        );
    }
}
