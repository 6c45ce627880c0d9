using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Databases.MySql;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>A tool, the engine and a server, each on connections of its own.</summary>
internal sealed class Scene : IAsyncDisposable
{
    public const string Host = "orders.example";
    private readonly TestAuthority _authority = new();
    private readonly List<IAsyncDisposable> _streams = [];
    private readonly CancellationTokenSource _end = new();
    private Task _beforeDial = Task.CompletedTask;

    public FakeTimeProvider Time { get; } = new();

    public FakeCredentials Credentials { get; } = new();

    public FakeMySql Server { get; private set; } = null!;

    public FakeTool Tool { get; private set; } = null!;

    /// <summary>What the local port shows a tool that asks for TLS.</summary>
    public X509Certificate2 Trusts { get; private set; } = null!;

    /// <summary>What the engine has made of it.</summary>
    public Task<Stream?> SignedIn { get; private set; } = null!;

    /// <summary>What the server has, connection by connection.</summary>
    public List<Task<Stream?>> Served { get; } = [];

    /// <param name="server">Made with a certificate for <see cref="Host"/>.</param>
    /// <param name="certificateOf">Another name on it.</param>
    /// <param name="withCredentials">False for TLS alone.</param>
    /// <param name="localTls">The port offers TLS.</param>
    /// <param name="localPassword">What the tool is asked for; a wrong one is told at once.</param>
    /// <param name="beforeDial">Has to end before the database answers.</param>
    public static async Task<Scene> StartAsync(
        Func<X509Certificate2, FakeMySql>? server = null,
        string certificateOf = Host,
        bool withCredentials = true,
        Task? beforeDial = null,
        bool compress = false,
        string? localPassword = null,
        bool localTls = false
    )
    {
        var scene = new Scene { _beforeDial = beforeDial ?? Task.CompletedTask };
        scene.Server = (server ?? (certificate => new FakeMySql(certificate)))(scene._authority.Issue(certificateOf));
        var (tool, local) = await StreamPair.CreateAsync();
        scene._streams.Add(tool);
        scene._streams.Add(local);
        scene.Tool = new FakeTool(tool);
        scene.Trusts = scene._authority.Issue("localhost");
        var login = new Login(Host, scene._authority.Certificates, withCredentials ? scene.Credentials : null)
        {
            Compress = compress,
            LocalPassword = localPassword is null ? null : new LocalPassword(localPassword, new HastyTime()),
            StartLocalTls = localTls ? scene.StartTlsAsync : null,
        };
        scene.SignedIn = new MySqlEngine(scene.Time).SignInAsync(local, scene.DialAsync, login, scene._end.Token);
        return scene;
    }

    private async Task<Stream> StartTlsAsync(Stream tool, CancellationToken cancellationToken)
    {
        var tls = new SslStream(tool, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Trusts }, cancellationToken);
        return tls;
    }

    private async Task<Stream> DialAsync(CancellationToken cancellationToken)
    {
        await _beforeDial.WaitAsync(cancellationToken);
        var (near, far) = await StreamPair.CreateAsync();
        _streams.Add(far);
        Served.Add(Server.ServeAsync(far));
        return near;
    }

    /// <summary>The tool as it usually is: it answers the greeting.</summary>
    public async Task<Greeting> AnswerAsync(HandshakeResponse? response = null)
    {
        var greeting = await Tool.ReadGreetingAsync();
        await Tool.SendAsync((response ?? FakeTool.Response(greeting.Plugin)).Write);
        return greeting;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        await ((Task)SignedIn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _authority.Dispose();
        _end.Dispose();
    }
}

/// <summary>User and password as they are asked for.</summary>
internal sealed class FakeCredentials : ILoginCredentials
{
    private readonly List<DatabaseCredentials> _given = [];

    public string User { get; set; } = "app";

    public string Password { get; set; } = "s3cret";

    public Task Ready { get; set; } = Task.CompletedTask;

    public int Refusals { get; private set; }

    public IReadOnlyList<DatabaseCredentials> Given => _given;

    public async Task<DatabaseCredentials> GetAsync(CancellationToken cancellationToken)
    {
        await Ready.WaitAsync(cancellationToken);
        _given.Add(new DatabaseCredentials(User, Password));
        return _given[^1];
    }

    /// <summary>What the secret says once the first one was refused; null for the same.</summary>
    public string? Rotated { get; set; }

    public Task<DatabaseCredentials?> GetOthersAsync(DatabaseCredentials refused, CancellationToken cancellationToken)
    {
        Refusals++;
        return Task.FromResult(Rotated is null ? null : new DatabaseCredentials(User, Rotated));
    }
}
