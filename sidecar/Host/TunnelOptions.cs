using System.CommandLine;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>The options that say where a tunnel leads.</summary>
internal sealed class TunnelOptions
{
    private readonly Option<string?> _target = new("--target") { Description = "The jump host: i-…, mi-… or ecs:…; without it, the best one for the host." };
    private readonly Option<string?> _host = new("--host") { Description = "The database's host as the jump host sees it; without it, the jump host itself." };
    private readonly Option<int> _port = new("--port") { Description = "The database's port.", Required = true };
    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "A profile of the AWS configuration files; without it, the environment's credentials, then AWS_PROFILE or the profile \"default\".",
    };
    private readonly Option<string?> _region = new("--region") { Description = "The AWS region; without it, the profile's or the environment's." };
    private readonly Option<string?> _document = new("--document") { Description = "A session document of your organization; without it, AWS's own." };
    private readonly Option<string?> _reason = new("--reason")
    {
        Description = $"What the account's session history shows; {string.Join(", ", SessionReason.Placeholders.Select(name => $"${{{name}}}"))} are filled in.",
    };
    private readonly Option<string?> _endpointUrl = new("--endpoint-url") { Description = "The address of the service, for VPC endpoints and tests." };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_target, _host, _port, _profile, _region, _document, _reason, _endpointUrl])
        {
            command.Add(option);
        }
    }

    public OpenTunnelParams ValuesIn(ParseResult parsed) => new(
        parsed.GetValue(_port), parsed.GetValue(_target), parsed.GetValue(_host), Profile: parsed.GetValue(_profile), Region: parsed.GetValue(_region),
        EndpointUrl: parsed.GetValue(_endpointUrl), Document: parsed.GetValue(_document), Reason: parsed.GetValue(_reason));
}
