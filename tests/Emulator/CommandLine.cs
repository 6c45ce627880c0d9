using System.CommandLine;
using System.Globalization;
using System.Net;
using RdsTunnel.Emulator.Agents;
using RdsTunnel.Emulator.AwsProxy;
using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.IdentityCenter;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator;

/// <summary>The program's options, and the <see cref="EmulatorOptions"/> that they amount to.</summary>
internal sealed class CommandLine
{
    private const string AccessKeyVariable = "RDS_TUNNEL_EMULATOR_ACCESS_KEY_ID";
    private const string ProxyVariable = "RDS_TUNNEL_EMULATOR_PROXY_CREDENTIALS";
    private const string SecretKeyVariable = "RDS_TUNNEL_EMULATOR_SECRET_ACCESS_KEY";

    private readonly Option<int> _port = new("--port") { Description = "The port on 127.0.0.1; 0 for a free one." };
    private readonly Option<bool> _unpaced = new("--unpaced") { Description = "Agents do not sleep after each message." };
    private readonly Option<string[]> _instance = new("--instance")
    {
        Description = "A managed instance: id, or id=agent version. Without one there is i-0123456789abcdef0, agent 3.3.5068.0.",
    };
    private readonly Option<string?> _agentVersion = new("--agent-version")
    {
        Description = "The agents' version, where --instance says none.",
    };
    private readonly Option<string[]> _resolve = new("--resolve")
    {
        Description = "The agents' DNS: host=address or host=address:port. Other names are resolved by this machine.",
    };
    private readonly Option<double> _idleTimeout = new("--idle-timeout")
    {
        Description = "Seconds without data after which a session is over.",
        DefaultValueFactory = _ => SessionLimits.Default.IdleTimeout.TotalSeconds,
    };
    private readonly Option<double> _connectionLifetime = new("--connection-lifetime")
    {
        Description = "Seconds after which a client's websocket is closed.",
        DefaultValueFactory = _ => SessionLimits.Default.ClientConnectionLifetime.TotalSeconds,
    };
    private readonly Option<FileInfo?> _world = new("--world")
    {
        Description =
            "A JSON file with all that there is: accounts, jump hosts, roles, and the regions' databases and networks. Comments are allowed.",
    };
    private readonly Option<FileInfo?> _proxy = new("--aws-proxy")
    {
        Description =
            $"Also an HTTPS proxy that answers for AWS's own names: the file to which the certificate authority is written that its clients have to trust. {ProxyVariable} "
            + "gives it a user name and password, user:password.",
    };
    private readonly Option<string?> _agentCommand = new("--agent-command")
    {
        Description =
            "A shell command run for each session in the place of the emulated agent; RDS_TUNNEL_EMULATOR_* variables tell it what to do.",
    };
    private readonly Option<double> _accessTokenLifetime = new("--access-token-lifetime")
    {
        Description = "Seconds after which a token of IAM Identity Center has to be renewed.",
        DefaultValueFactory = _ => IdentityCenterOptions.Default.AccessTokenLifetime.TotalSeconds,
    };
    private readonly Option<double> _clockAhead = new("--clock-ahead")
    {
        Description = "Seconds by which its clock is ahead of this machine's; negative for behind.",
    };
    private readonly Option<ChannelSignatureRule> _channelSignature = new("--channel-signature")
    {
        Description =
            "What the message gateway does with a client's signature: required (403 without one), optional, or denied (403 with one).",
        DefaultValueFactory = _ => ChannelSignatureRule.Required,
    };
    private readonly Option<string?> _minimumClientVersion = new("--minimum-client-version")
    {
        Description = "The message gateway turns clients away that report an older version.",
    };
    private readonly Option<LogLevel> _logLevel = new("--log-level")
    {
        Description = "What is logged to standard error.",
        DefaultValueFactory = _ => LogLevel.Warning,
    };

    /// <param name="run">Takes the options, the file for the certificate authority, and the log
    /// level. Runs the emulator until it is told to stop; gives the exit code.</param>
    public RootCommand Create(Func<EmulatorOptions, FileInfo?, LogLevel, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand(
            "A local AWS for RDS Tunnel. When it is ready it prints one line of JSON with its endpoint; it stops when standard input is closed. "
                + $"It accepts the key in {AccessKeyVariable} and {SecretKeyVariable}, else AWS's documentation's example key."
        )
        {
            _port,
            _unpaced,
            _instance,
            _agentVersion,
            _resolve,
            _idleTimeout,
            _connectionLifetime,
            _world,
            _proxy,
            _agentCommand,
            _accessTokenLifetime,
            _clockAhead,
            _channelSignature,
            _minimumClientVersion,
            _logLevel,
        };
        root.SetAction(
            (parsed, cancellationToken) => run(OptionsOf(parsed), parsed.GetValue(_proxy), parsed.GetValue(_logLevel), cancellationToken)
        );
        return root;
    }

    private EmulatorOptions OptionsOf(ParseResult parsed)
    {
        var names = (parsed.GetValue(_resolve) ?? []).Select(ParseName).ToDictionary(name => name.Host, StringComparer.OrdinalIgnoreCase);
        var world = parsed.GetValue(_world) is { } file ? WorldFile.Read(file.FullName) : new WorldFile([]);
        var instances = (parsed.GetValue(_instance) ?? [])
            .Select(text => text.Split('=', 2))
            .Select(parts => new EmulatedInstance(
                parts[0],
                parts.Length == 2 ? parts[1] : parsed.GetValue(_agentVersion) ?? EmulatedInstance.Default.AgentVersion
            ))
            .ToList();
        return new EmulatorOptions
        {
            Port = parsed.GetValue(_port),
            ClockAhead = TimeSpan.FromSeconds(parsed.GetValue(_clockAhead)),
            Credentials = [Credential()],
            Instances =
                instances.Count > 0 ? instances
                : parsed.GetValue(_agentVersion) is { } version
                    ? [.. world.Instances.Select(instance => instance with { AgentVersion = version })]
                : world.Instances,
            IdentityCenter = IdentityCenterOptions.Default with
            {
                Accounts = world.Accounts,
                AccessTokenLifetime = TimeSpan.FromSeconds(parsed.GetValue(_accessTokenLifetime)),
            },
            Roles = world.Roles,
            NodeAccess = world.NodeAccess,
            Limits = new SessionLimits(
                TimeSpan.FromSeconds(parsed.GetValue(_connectionLifetime)),
                TimeSpan.FromSeconds(parsed.GetValue(_idleTimeout))
            ),
            Regions = world.Regions,
            Aliases = world.Aliases,
            EnforcesNetwork = true,
            Documents = world.Documents,
            Proxy = parsed.GetValue(_proxy) is null
                ? null
                : new AwsProxyOptions { Credentials = Environment.GetEnvironmentVariable(ProxyVariable) },
            AgentCommand = parsed.GetValue(_agentCommand),
            Channel = new ChannelRules
            {
                Signature = parsed.GetValue(_channelSignature),
                MinimumClientVersion = parsed.GetValue(_minimumClientVersion),
            },
            Agent = new AgentOptions
            {
                Unpaced = parsed.GetValue(_unpaced),
                Resolve = (host, port) => names.TryGetValue(host, out var name) ? (name.Address, name.Port ?? port) : (host, port),
            },
        };
    }

    private static EmulatedCredential Credential() =>
        Environment.GetEnvironmentVariable(AccessKeyVariable) is { Length: > 0 } key
            ? new EmulatedCredential(key, Environment.GetEnvironmentVariable(SecretKeyVariable) ?? "")
            : EmulatedCredential.Default;

    // host=address[:port], where an IPv6 address with a port stands in brackets.
    private static (string Host, string Address, int? Port) ParseName(string text)
    {
        var parts = text.Split('=', 2);
        if (parts.Length != 2)
        {
            throw new ArgumentException($"--resolve takes host=address[:port], not {text}");
        }

        if (IPAddress.TryParse(parts[1], out _) || !parts[1].Contains(':', StringComparison.Ordinal))
        {
            return (parts[0], parts[1], null);
        }

        var colon = parts[1].LastIndexOf(':');
        return (
            parts[0],
            parts[1][..colon].Trim('[', ']'),
            int.Parse(parts[1][(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture)
        );
    }
}
