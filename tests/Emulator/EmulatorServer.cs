using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.AwsJson;
using RdsTunnel.Emulator.AwsProxy;
using RdsTunnel.Emulator.AwsRest;
using RdsTunnel.Emulator.ConsoleLogin;
using RdsTunnel.Emulator.Control;
using RdsTunnel.Emulator.Ec2;
using RdsTunnel.Emulator.Ecs;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.IdentityCenter;
using RdsTunnel.Emulator.Listings;
using RdsTunnel.Emulator.NodeAccess;
using RdsTunnel.Emulator.Query;
using RdsTunnel.Emulator.SecretsManager;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.Ssm;
using RdsTunnel.Emulator.Sts;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator;

/// <summary>A local AWS at one address on 127.0.0.1: the services' APIs, the message gateway, and
/// an agent for each session. Thread-safe.</summary>
public sealed class EmulatorServer : IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private readonly EmulatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggerFactory;
    private readonly SessionRegistry _sessions = new();
    private readonly CredentialStore _credentials;
    private readonly EmulatedCredential _node;
    private readonly Grants _grants = new();
    private readonly ConsoleLogins _logins;
    private readonly SecretsGivenOut _secrets = new();
    private readonly EmulatedNetwork _network;
    private readonly ControlEndpoint _control;
    private readonly CertificateAuthority? _authority;
    private readonly ConnectProxy? _proxy;
    private readonly WebApplication _application;
    private readonly EmulatedInstance[] _instances; // each is exchanged as a whole
    private readonly InstancePowers _powers;
    private readonly AccessRequests _accesses;
    private volatile ChannelRules _channel;

    private EmulatorServer(EmulatorOptions options, TimeProvider time, ILoggerFactory loggerFactory)
    {
        _options = options;
        _time = time;
        _loggerFactory = loggerFactory;
        _node = NodeCredential();
        _credentials = new CredentialStore([.. options.Credentials, _node]);
        _channel = options.Channel;
        _instances = [.. options.Instances];
        _powers = new InstancePowers(_instances, time, EndSessionsOf);
        _accesses = new AccessRequests(options.NodeAccess, _credentials, time);
        _network = new EmulatedNetwork(options.Regions, options.Aliases, options.EnforcesNetwork);
        _logins = new ConsoleLogins(_credentials, time);
        (_authority, _proxy) = options.Proxy is { } proxy
            ? (new CertificateAuthority(time.GetUtcNow()), new ConnectProxy(proxy.Credentials))
            : default;
        _control = new ControlEndpoint(
            _sessions,
            ApiFaults,
            _secrets,
            () => ProxiedHosts,
            ExpireSignIns,
            ExpireCredentials,
            rules => Channel = rules,
            key => LogIn(key.X, key.Y),
            FailOver,
            plan => ChangeInstance(plan.InstanceId, plan.IsOnline, plan.AgentVersion),
            plan => Deploy(plan.Cluster, plan.Service),
            () => [.. _instances.Select(Describe)],
            _accesses
        );
        _application = CreateApplication();
    }

    /// <summary>For clients' endpoint overrides: <c>http://127.0.0.1:port</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>For clients' HTTPS_PROXY; null without one.</summary>
    public Uri? Proxy { get; private set; }

    /// <summary>The root that clients of the proxy have to trust, in PEM.</summary>
    public string? CertificateAuthorityPem => _authority?.Pem;

    /// <summary>The names that clients have asked the proxy for so far.</summary>
    public IReadOnlyCollection<string> ProxiedHosts => _proxy?.Hosts ?? [];

    /// <summary>All sessions ever started, oldest first; one that is over tells why in <see cref="EmulatedSession.EndedWith"/>.</summary>
    public IReadOnlyList<EmulatedSession> Sessions => _sessions.All;

    /// <summary>Faults of the services' APIs.</summary>
    public ApiFaults ApiFaults { get; } = new();

    /// <summary>Whom the gateway lets in from now on.</summary>
    public ChannelRules Channel
    {
        get => _channel;
        set => _channel = value;
    }

    /// <summary>Starts listening; the address is known when this returns.</summary>
    public static async Task<EmulatorServer> StartAsync(EmulatorOptions options, TimeProvider time, ILoggerFactory loggerFactory)
    {
        var server = new EmulatorServer(options, time, loggerFactory);
        try
        {
            await server._application.StartAsync().ConfigureAwait(false);
            var urls = server._application.Urls.Select(url => new Uri(url)).ToList();
            server.Endpoint = urls.Single(url => url.Scheme == Uri.UriSchemeHttp);
            server.Proxy = urls.Find(url => url.Scheme == Uri.UriSchemeHttps) is { } https
                ? new UriBuilder(https) { Scheme = Uri.UriSchemeHttp }.Uri
                : null;
            return server;
        }
        catch
        {
            await server._application.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What <c>aws login</c> would have now.</summary>
    /// <param name="x">Of the program's public key on P-256, in base64url.</param>
    /// <param name="y">Of the same.</param>
    public ConsoleLogin.ConsoleLogin LogIn(string x, string y) => _logins.Issue(ProofOfPossession.Thumbprint(x, y));

    /// <summary>The next instance of a cluster becomes its writer. What is connected stays
    /// connected, as with the real one's reader.</summary>
    /// <exception cref="ArgumentException">There is no such cluster, or it has no other instance.</exception>
    public void FailOver(string cluster)
    {
        var failing =
            _options
                .Regions.SelectMany(region => region.Clusters)
                .FirstOrDefault(each => each.Identifier == cluster && each.Members.Count > 1)
            ?? throw new ArgumentException($"No cluster {cluster} can fail over.");
        failing.Members = [.. failing.Members.Skip(1), failing.Members[0]];
    }

    /// <summary>A jump host goes away, comes back, or gets another agent, for sessions from now on. What is null stays as it is.</summary>
    /// <exception cref="ArgumentException">There is no such jump host.</exception>
    public void ChangeInstance(string instanceId, bool? isOnline = null, string? agentVersion = null)
    {
        var index = Array.FindIndex(_instances, each => each.InstanceId == instanceId);
        if (index < 0)
        {
            throw new ArgumentException($"There is no jump host {instanceId}.");
        }

        var instance = _instances[index];
        _instances[index] = instance with
        {
            IsOnline = isOnline ?? instance.IsOnline,
            AgentVersion = agentVersion ?? instance.AgentVersion,
        };
    }

    /// <summary>What has become of an instance.</summary>
    public InstanceDescription DescribeInstance(string instanceId) => Describe(_instances.Single(each => each.InstanceId == instanceId));

    /// <summary>Somebody starts an instance, or stops it, in EC2's console.</summary>
    public void SwitchInstance(string instanceId, bool runs)
    {
        var region = _instances.Single(each => each.InstanceId == instanceId).Region ?? "eu-central-1";
        if (runs)
        {
            _powers.Start([instanceId], region);
        }
        else
        {
            _powers.Stop([instanceId], region);
        }
    }

    /// <summary>The requests for access to nodes so far, oldest first.</summary>
    public IReadOnlyList<AccessRequestDescription> AccessRequests => _accesses.All;

    /// <summary>An approver decides on a request for access, or takes it back.</summary>
    public void Decide(string accessRequestId, AccessStatus status) => _accesses.Decide(accessRequestId, status);

    private InstanceDescription Describe(EmulatedInstance instance) =>
        new(instance.InstanceId, _powers.StateOf(instance), _powers.IsOnline(instance), _powers.TagsOf(instance));

    private void EndSessionsOf(string instanceId)
    {
        foreach (var session in _sessions.All.Where(session => session.Instance.InstanceId == instanceId))
        {
            session.End(SessionEndReason.Fault, "");
        }
    }

    /// <summary>A deployment: each task of a service gives way to another one, and its sessions end.</summary>
    /// <exception cref="ArgumentException">There is no such service.</exception>
    public void Deploy(string cluster, string service)
    {
        var replaced = new List<string>();
        for (var i = 0; i < _instances.Length; i++)
        {
            if (_instances[i] is { Task: { } task } instance && task.Cluster == cluster && task.Service == service)
            {
                replaced.Add(instance.InstanceId);
                var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
                _instances[i] = instance with
                {
                    InstanceId = $"ecs:{cluster}_{id}_{id}-0123456789",
                    Task = task with { StartedAt = task.StartedAt + 1 },
                };
            }
        }

        if (replaced.Count == 0)
        {
            throw new ArgumentException($"There is no service {service} in cluster {cluster}.");
        }

        foreach (var session in _sessions.All.Where(session => replaced.Contains(session.Instance.InstanceId)))
        {
            session.End(SessionEndReason.Fault, "");
        }
    }

    /// <summary>Everybody is signed out, and all temporary credentials are over: what happens overnight.</summary>
    public void ExpireSignIns()
    {
        _grants.RevokeAll();
        _logins.RevokeAll();
        _credentials.ExpireIssued(_time.GetUtcNow());
    }

    /// <summary>Temporary credentials and access tokens are over, before the time that was said; sign-ins can still be renewed.</summary>
    public void ExpireCredentials()
    {
        _grants.RevokeTokens();
        _credentials.ExpireIssued(_time.GetUtcNow());
    }

    /// <summary>Identity Center knows none of the programs that have registered so far.</summary>
    public void ForgetClients() => _grants.ForgetClients();

    /// <summary>Ends all sessions and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sessions.DisposeAsync().ConfigureAwait(false);
        using var stopping = new CancellationTokenSource(StopTime);
        await _application.StopAsync(stopping.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _authority?.Dispose();
    }

    private WebApplication CreateApplication()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(_loggerFactory);
        builder.Services.AddSingleton<IHostLifetime, NoHostLifetime>();
        builder
            .WebHost.UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true)
            .ConfigureKestrel(kestrel =>
            {
                // A peer that stops reading is one of the things to be emulated.
                kestrel.Limits.MinRequestBodyDataRate = null;
                kestrel.Limits.MinResponseDataRate = null;
                kestrel.AddServerHeader = false;
                kestrel.Listen(IPAddress.Loopback, _options.Port);
                if (_options.Proxy is { } proxy)
                {
                    kestrel.Listen(
                        IPAddress.Loopback,
                        proxy.Port,
                        listen =>
                        {
                            listen.Protocols = HttpProtocols.Http1;
                            listen.Use(next => connection => _proxy!.InvokeAsync(connection, next));
                            listen.UseHttps(https =>
                                https.ServerCertificateSelector = (_, host) => host is null ? null : _authority!.CertificateFor(host)
                            );
                        }
                    );
                }
            });

        var signatures = new SignatureVerifier(_credentials, _time);
        var ssm = new SsmService(_sessions, _instances, _powers, new SessionDocuments(_options.Documents), _accesses, StartSession);
        var gateway = new DataChannelEndpoint(
            _sessions,
            signatures,
            () => _channel,
            _time,
            _loggerFactory.CreateLogger<DataChannelEndpoint>()
        );
        var services = new AwsJsonEndpoint(
            [
                ssm,
                new EcsService(_instances),
                new SecretsManagerService(_options.Regions),
                new RedshiftServerlessService(RegionOf),
                new MemoryDbService(RegionOf),
                new MigrationService(RegionOf),
            ],
            signatures,
            ApiFaults,
            _secrets,
            _loggerFactory.CreateLogger<AwsJsonEndpoint>()
        );

        var oidc = new OidcEndpoint(_grants, _options.IdentityCenter, _secrets, _time);
        var page = new ApprovalPage(_grants, _time);
        var portal = new PortalEndpoint(_grants, _credentials, _options.IdentityCenter, _secrets, _time);
        var signIn = new SignInEndpoint(_logins, _secrets, _time);
        var query = new QueryEndpoint(
            [
                new StsService(_credentials, _options.Roles, _time),
                new RdsService(_options.Regions),
                new Ec2Service(_instances, _powers, _options.Regions),
                new ElastiCacheService(_options.Regions),
                new RedshiftService(_options.Regions),
            ],
            signatures,
            ApiFaults
        );
        var rest = new RestEndpoint(
            [new SearchService(RegionOf), new ElasticDocumentService(RegionOf), new BrokerService(RegionOf), new KafkaService(RegionOf)],
            signatures,
            ApiFaults
        );

        var application = builder.Build();
        application.Use(
            (context, next) =>
            {
                context.Response.Headers.Date = _time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
                return next(context);
            }
        );
        application.Run(context =>
            context.Request.Path.Value switch
            {
                "/" when QueryEndpoint.Serves(context.Request) => query.InvokeAsync(context),
                { } when OidcEndpoint.Serves(context.Request.Path) => oidc.InvokeAsync(context),
                { } when ApprovalPage.Serves(context.Request.Path) => page.InvokeAsync(context),
                { } when SignInEndpoint.Serves(context.Request) => signIn.InvokeAsync(context),
                { } when PortalEndpoint.Serves(context.Request.Path) => portal.InvokeAsync(context),
                "/" => services.InvokeAsync(context),
                { } when rest.Serves(context.Request) => rest.InvokeAsync(context),
                { } path when path.StartsWith(DataChannelEndpoint.PathPrefix, StringComparison.Ordinal) => gateway.InvokeAsync(context),
                { } path when path.StartsWith(ControlEndpoint.PathPrefix, StringComparison.Ordinal) => _control.InvokeAsync(context),
                _ => NotFoundAsync(context),
            }
        );
        return application;
    }

    private static EmulatedCredential NodeCredential() =>
        new($"AKIA{RandomNumberGenerator.GetHexString(16)}", Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)))
        {
            Arn = "arn:aws:sts::111122223333:assumed-role/jump-host/i-0123456789abcdef0",
            IsNode = true,
        };

    private EmulatedRegion RegionOf(string name) =>
        _options.Regions.FirstOrDefault(each => each.Name == name) ?? EmulatedRegion.Empty(name);

    private EmulatedSession StartSession(
        EmulatedCredential caller,
        string region,
        EmulatedInstance instance,
        string documentName,
        PortSessionProperties properties,
        string? reason
    )
    {
        var id = $"{caller.UserName}-{RandomNumberGenerator.GetHexString(17, lowercase: true)}";
        var session = new EmulatedSession(
            id,
            region,
            instance,
            documentName,
            properties,
            _options.Limits,
            _time,
            _loggerFactory.CreateLogger<EmulatedSession>()
        )
        {
            Reason = reason,
            AccessRequestId = caller.Grant?.RequestId,
        };
        _sessions.Add(session);
        _control.PlanOfNewSessions.ApplyTo(session.Faults);
        _options.OnSessionStarting?.Invoke(session);
        var agent = _options.Agent with
        {
            Resolve = Resolve,
            ThrowIfBlocked = (host, port) => _network.ThrowIfBlocked(instance, host, port),
        };
        session.StartAgent(
            _options.AgentCommand is { } command
                ? new AgentProcess(session, command, Endpoint, _node, agent, _loggerFactory.CreateLogger<AgentProcess>())
                : new EmulatedAgent(session, agent, _loggerFactory.CreateLogger<EmulatedAgent>())
        );
        return session;
    }

    private (string Host, int Port) Resolve(string host, int port)
    {
        var found = _options.Agent.Resolve(host, port);
        return found.Host == host ? _options.Agent.Resolve(_network.Follow(host), port) : found;
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>Signals are the process's business, not this server's.</summary>
    private sealed class NoHostLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
