using Microsoft.Extensions.Logging;
using RdsTunnel.Agents;
using RdsTunnel.Agents.Tools;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Diagnosis;
using RdsTunnel.Programs;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>What AI agents can do in one process, put together.</summary>
internal sealed class AgentSide
{
    public AgentSide(
        AwsServices aws,
        Finders finders,
        ITunnels tunnels,
        ITunnelCheck check,
        IDatabaseReach reach,
        IAgentLog log,
        bool allowsOpen,
        TimeProvider time,
        ILoggerFactory loggers
    )
    {
        Tunnels = new AgentTunnels(tunnels, reach, log, time, loggers.CreateLogger<AgentTunnels>());
        var (known, consent) = (new KnownDatabases(finders.Databases), new Consent(allowsOpen, log));
        Tools = new AgentToolbox(
            [
                new ListDatabases(finders.Databases, aws.Profiles),
                new CheckTunnel(aws, known, check, consent),
                new OpenTunnel(aws, known, Tunnels, consent),
                new TunnelStatus(Tunnels),
                new ConnectionDetails(Tunnels),
                new CloseTunnel(Tunnels),
            ],
            loggers.CreateLogger<AgentToolbox>()
        );
    }

    public AgentTunnels Tunnels { get; }

    public AgentToolbox Tools { get; }
}
