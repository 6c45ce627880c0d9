using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Discovery.Names;
using RdsTunnel.Programs;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Host;

/// <summary>What finds databases and jump hosts, put together for one process.</summary>
internal sealed class Finders
{
    private readonly AwsServices _aws;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;

    public Finders(AwsServices aws, TimeProvider time, ILoggerFactory loggers)
    {
        (_aws, _time, _loggers) = (aws, time, loggers);
        Databases = new DatabaseFinder(aws, time, loggers.CreateLogger<DatabaseFinder>());
        Memory = new JumpHostMemory(
            aws,
            StateFolder.JumpHosts(Environment.GetEnvironmentVariable),
            time,
            loggers.CreateLogger<JumpHostMemory>()
        );
        Names = new HostNames(time, NameServers.Parse(Environment.GetEnvironmentVariable("RDS_TUNNEL_NAME_SERVERS")));
        JumpHosts = new JumpHostFinder(aws, Databases, Names, Memory, BestJumpHost.SpreadBy);
        Targets = new BestJumpHost(JumpHosts, Memory);
        Logins = new DatabaseLogins(aws, new IamTokens(aws, Names), time);
        Writers = new ClusterWriters(aws, loggers.CreateLogger<ClusterWriters>());
    }

    public DatabaseFinder Databases { get; }

    public HostNames Names { get; }

    public JumpHostMemory Memory { get; }

    public JumpHostFinder JumpHosts { get; }

    public BestJumpHost Targets { get; }

    public DatabaseLogins Logins { get; }

    public ClusterWriters Writers { get; }

    /// <summary>How other programs reach databases through these tunnels.</summary>
    public DatabaseReach CreateReach(ITunnelList tunnels) =>
        new(
            tunnels,
            new AuthorityFile(StateFolder.Authorities(Environment.GetEnvironmentVariable), Environment.GetEnvironmentVariable),
            _time
        );

    /// <summary>Tunnels that use all of these.</summary>
    /// <param name="access">Null for this machine's programs, as the environment says.</param>
    public TunnelManager CreateTunnels(LocalAccess? access = null) =>
        new(_aws, Targets, Writers, _time, _loggers, Logins, access ?? LocalAccesses.In(Environment.GetEnvironmentVariable));
}
