using System.CommandLine;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>The options that say where a tunnel leads.</summary>
internal sealed class TunnelOptions
{
    private readonly Option<string?> _target = new("--target") { Description = "Jump host: i-…, mi-… or ecs:cluster/service. Default: selected automatically." };
    private readonly Option<string?> _host = new("--host") { Description = "Host name of the database. Default: the jump host itself." };
    private readonly Option<int> _port = new("--port") { Description = "Port of the database.", Required = true };
    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "AWS profile. Default: credentials from the environment, then AWS_PROFILE, then \"default\".",
    };
    private readonly Option<string?> _region = new("--region") { Description = "AWS region. Default: from the environment or the profile." };
    private readonly Option<string?> _document = new("--document") { Description = "Session document of your organization. Default: the AWS document." };
    private readonly Option<string?> _reason = new("--reason")
    {
        Description = $"Reason shown in the account's session history. Placeholders: {string.Join(", ", SessionReason.Placeholders.Select(name => $"${{{name}}}"))}.",
    };
    private readonly Option<string?> _endpointUrl = new("--endpoint-url") { Description = "SSM endpoint URL, for VPC endpoints and tests." };

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
