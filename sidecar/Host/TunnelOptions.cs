using System.CommandLine;
using System.CommandLine.Parsing;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>The options that say where a tunnel leads.</summary>
/// <param name="isPortRequired">False where a tunnel can also be named.</param>
internal sealed class TunnelOptions(bool isPortRequired = true)
{
    private readonly Option<string?> _target = new("--target")
    {
        Description = "Jump host: i-…, mi-… or ecs:cluster/service. Default: selected automatically.",
    };
    private readonly Option<string?> _host = new("--host") { Description = "Host name of the database. Default: the jump host itself." };
    private readonly Option<int> _port = new("--port") { Description = "Port of the database.", Required = isPortRequired };
    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "AWS profile. Default: credentials from the environment, then AWS_PROFILE, then \"default\".",
    };
    private readonly Option<string?> _region = new("--region")
    {
        Description = "AWS region. Default: from the environment or the profile.",
    };
    private readonly Option<string?> _document = new("--document")
    {
        Description = "Session document of your organization. Default: the AWS document.",
    };
    private readonly Option<string?> _reason = new("--reason")
    {
        Description =
            $"Reason shown in the account's session history. Placeholders: {string.Join(", ", SessionReason.Placeholders.Select(name => $"${{{name}}}"))}.",
    };
    private readonly Option<string?> _endpointUrl = new("--endpoint-url")
    {
        Description = "SSM endpoint URL, for VPC endpoints and tests.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_target, _host, _port, _profile, _region, _document, _reason, _endpointUrl])
        {
            command.Add(option);
        }
    }

    /// <summary>Neither where it leads, nor which of the team's file it is.</summary>
    public bool NamesNothingIn(CommandResult result, ServingOptions serving) =>
        result.ReadValue(_host) is null && result.ReadValue(_target) is null ? !serving.NamesOne(result) : result.GetResult(_port) is null;

    public bool HasPort(ParseResult parsed) => parsed.GetResult(_port) is not null;

    public OpenTunnelParams ValuesIn(ParseResult parsed) =>
        new(
            parsed.GetValue(_port),
            parsed.GetValue(_target),
            parsed.GetValue(_host),
            Profile: parsed.GetValue(_profile),
            Region: parsed.GetValue(_region),
            EndpointUrl: parsed.GetValue(_endpointUrl),
            Document: parsed.GetValue(_document),
            Reason: parsed.GetValue(_reason)
        );
}
