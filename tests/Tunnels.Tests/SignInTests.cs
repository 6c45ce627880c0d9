using System.Text;
using RdsTunnel.Aws;
using RdsTunnel.Databases;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Tunnels.Tests.Support;

namespace RdsTunnel.Tunnels.Tests;

/// <summary>What needs a sign-in waits for it, and goes on by itself.</summary>
public sealed class SignInTests : IDisposable
{
    private static readonly SsoReference Acme = new(SsoSession: "acme");

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("rds-tunnel-tunnels-");
    private readonly HttpClient _browser = new();

    public SignInTests()
    {
        File.WriteAllText(
            Path.Combine(_home.CreateSubdirectory(".aws").FullName, "config"),
            """
            [sso-session acme]
            sso_start_url = https://acme.awsapps.com/start
            sso_region = eu-west-1
            [profile dev]
            sso_session = acme
            sso_account_id = 111122223333
            sso_role_name = Developer
            """
        );
    }

    public void Dispose()
    {
        _browser.Dispose();
        _home.Delete(recursive: true);
    }

    [Fact]
    public async Task Connect_NobodyIsSignedIn_WaitsAndGoesOnAfterTheSignIn()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        var tunnel = await OpenAsync(stack, server.Port);
        using var first = await Stack.ConnectAsync(tunnel.LocalPort);
        using var second = await Stack.ConnectAsync(tunnel.LocalPort);
        await Bytes.SendAllAsync(first, "hello"u8.ToArray());
        var waiting = await stack.WhenAsync(info => info.State == TunnelState.NeedsSignIn);
        Assert.Equal(TunnelErrorCode.CredentialsMissing, waiting.Fault!.Code);

        await SignInAsync(stack);

        Assert.Equal("hello"u8.ToArray(), await Bytes.ReceiveAsync(first, 5));
        await Bytes.SendAllAsync(second, "there"u8.ToArray());
        Assert.Equal("there"u8.ToArray(), await Bytes.ReceiveAsync(second, 5));
        Assert.Equal(TunnelState.Open, stack.Tunnel.State);
        Assert.Null(stack.Tunnel.Fault);
    }

    [Fact]
    public async Task Close_WhileAConnectionWaitsForASignIn_EndsIt()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        var tunnel = await OpenAsync(stack, server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await stack.WhenAsync(info => info.State == TunnelState.NeedsSignIn);

        await stack.Tunnels.CloseAsync(tunnel.Id, CancellationToken.None);

        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(async () =>
            Assert.NotEqual(0, await client.ReceiveAsync(new byte[1]))
        );
    }

    [Fact]
    public async Task Transfer_EverythingExpiresAndTheLinkIsLost_EndsWellAfterASignIn()
    {
        // What is on its way when the link is lost, the agent sends again at ten messages a second.
        const int half = 1_000_000;
        const int lost = 20_000;
        var download = Bytes.Random(2 * half, seed: 7);
        var isCut = new TaskCompletionSource();
        var isBack = new TaskCompletionSource();
        await using var server = new TargetServer(async socket =>
        {
            await Bytes.SendAllAsync(socket, download.AsMemory(0, half));
            await isCut.Task;
            await Bytes.SendAllAsync(socket, download.AsMemory(half, lost));
            await isBack.Task;
            await Bytes.SendAllAsync(socket, download.AsMemory(half + lost));
        });
        await using var stack = await StartAsync();
        await SignInAsync(stack);
        var tunnel = await OpenAsync(stack, server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        var received = await Bytes.ReceiveAsync(client, half);

        stack.Emulator.ExpireSignIns();
        stack.Session.Faults.CutClient();
        isCut.SetResult();
        await stack.WhenAsync(info => info.State == TunnelState.NeedsSignIn);
        await SignInAsync(stack);
        await stack.WhenAsync(info => info.State == TunnelState.Open);
        isBack.SetResult();

        var rest = await Bytes.ReceiveAsync(client, half).WaitAsync(Hang.Limit);
        Assert.Equal(Bytes.Digest(download), Bytes.Digest([.. received, .. rest]));
        Assert.Equal(1, stack.Tunnel.Statistics.Resumes);
    }

    [Fact]
    public async Task SignIn_AfterASignatureWasRefused_TriesSignaturesAgain()
    {
        await using var server = TargetServer.Echo();
        await using var stack = await StartAsync();
        await SignInAsync(stack);
        stack.Emulator.Channel = new() { Signature = ChannelSignatureRule.Denied };
        var tunnel = await OpenAsync(stack, server.Port);
        using var client = await Stack.ConnectAsync(tunnel.LocalPort);
        await Bytes.SendAllAsync(client, "hello"u8.ToArray());
        await Bytes.ReceiveAsync(client, 5);
        Assert.Equal(ChannelOpening.SignatureRefused, stack.Tunnels.ChannelOf(tunnel.Id));

        stack.Emulator.Channel = new() { Signature = ChannelSignatureRule.Optional };
        await SignInAsync(stack);
        stack.Session.Faults.CutClient();
        await stack.UntilAsync(info => info.Statistics.Resumes == 1);

        Assert.Equal(ChannelOpening.WithSignature, stack.Tunnels.ChannelOf(tunnel.Id));
    }

    [Fact]
    public async Task Connect_WithALoginAndNobodyIsSignedIn_WaitsAndGoesOnAfterTheSignIn()
    {
        await using var server = TargetServer.Echo(); // no PostgreSQL: the tool is told so once it is reached
        var logins = new ExpiredLogins();
        await using var stack = await StartAsync(logins);
        var tunnel = await stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = Stack.TargetHost,
                Port = server.Port,
                MaxSessions = 1,
                Scope = new AwsScope("dev"),
                Login = LoginKind.Secret,
                SecretId = "orders",
            },
            CancellationToken.None
        );
        using var tool = await Stack.ConnectAsync(tunnel.LocalPort);
        await Bytes.SendAllAsync(tool, (byte[])[0, 0, 0, 18, 0, 3, 0, 0, .. "user\0app\0\0"u8]);
        var waiting = await stack.WhenAsync(info => info.State == TunnelState.NeedsSignIn);
        Assert.Equal(TunnelErrorCode.CredentialsExpired, waiting.Fault!.Code);
        Assert.Equal(0, tool.Available);
        Assert.Empty(stack.Emulator.Sessions);

        logins.IsSignedIn = true;
        await SignInAsync(stack);

        var answer = await Bytes.ReceiveAsync(tool, 100);
        Assert.Equal((byte)'E', answer[0]);
        Assert.Contains(
            "RDS Tunnel: The database sent a message that isn't PostgreSQL's",
            Encoding.UTF8.GetString(answer),
            StringComparison.Ordinal
        );
        Assert.Single(stack.Emulator.Sessions);
    }

    private Task<Stack> StartAsync(ILogins? logins = null) =>
        Stack.StartAsync(
            new EmulatorOptions { Agent = new AgentOptions { Unpaced = true } },
            new Dictionary<string, string?>
            {
                ["HOME"] = _home.FullName,
                ["AWS_ACCESS_KEY_ID"] = null,
                ["AWS_SECRET_ACCESS_KEY"] = null,
                ["AWS_CONFIG_FILE"] = null,
            },
            logins: logins
        );

    private static Task<TunnelInfo> OpenAsync(Stack stack, int port) =>
        stack.Tunnels.OpenAsync(
            new TunnelRequest
            {
                Target = Stack.Target,
                Host = Stack.TargetHost,
                Port = port,
                MaxSessions = 1,
                Scope = new AwsScope("dev"),
            },
            CancellationToken.None
        );

    private async Task SignInAsync(Stack stack)
    {
        var asked = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var signingIn = stack.SignIn.SignInAsync(
            Acme,
            SignInFlow.AuthorizationCode,
            request => asked.TrySetResult(request.Url),
            CancellationToken.None
        );
        using var allow = new FormUrlEncodedContent([KeyValuePair.Create("decision", "allow")]);
        using var page = await _browser.PostAsync(await asked.Task, allow);
        page.EnsureSuccessStatusCode();
        await signingIn;
    }

    /// <summary>Credentials that AWS gives only to those who are signed in.</summary>
    private sealed class ExpiredLogins : ILogins, ILoginCredentials
    {
        public volatile bool IsSignedIn;

        public Login LoginFor(TunnelRequest request) => new(request.Host!, [], this);

        public Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken) =>
            IsSignedIn
                ? Task.FromResult(new DatabaseCredentials("app", "s3cret"))
                : throw new AwsException(AwsErrorCode.CredentialsExpired, "Sign in again.");

        public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken) =>
            Task.FromResult<DatabaseCredentials?>(null);
    }
}
