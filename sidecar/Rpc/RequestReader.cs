using RdsTunnel.Aws;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Rpc;

/// <summary>Turns parameters into what the tunnels take. <see cref="TunnelRules"/> judge them.</summary>
public static class RequestReader
{
    /// <summary>What is wrong with the parameters; null when nothing is.</summary>
    public static FieldProblem? Read(this OpenTunnelParams parameters, out TunnelRequest request)
    {
        var problem = Read(new Scope(parameters.Profile, parameters.Region, parameters.EndpointUrl), out var scope);
        request = new TunnelRequest
        {
            Target = parameters.Target,
            JumpHostTag = parameters.JumpHostTag,
            StartJumpHost = parameters.StartJumpHost,
            RequestAccess = parameters.RequestAccess,
            Host = parameters.Host,
            Port = parameters.Port,
            LocalPort = parameters.LocalPort,
            Name = parameters.Name,
            Scope = scope,
            Document = parameters.Document,
            Reason = parameters.Reason,
            Socket = parameters.Socket,
            Login = parameters.Login,
            User = parameters.User,
            SecretId = parameters.SecretId,
            Compress = parameters.Compress,
            LocalTls = parameters.LocalTls,
            LocalPassword = parameters.LocalPassword,
            LocalPasswordText = parameters.LocalPasswordText,
            OpenNow = parameters.OpenNow,
            MaxSessions = parameters.MaxSessions,
        };
        return problem ?? TunnelRules.ProblemOf(request);
    }

    /// <exception cref="RpcException">InvalidParams, with the field.</exception>
    internal static TunnelRequest ToRequest(this OpenTunnelParams parameters) =>
        parameters.Read(out var request) is { } problem ? throw ParamsReader.Invalid(problem) : request;

    /// <exception cref="RpcException">InvalidParams, with the field.</exception>
    internal static AwsScope ToAws(this Scope scope) =>
        Read(scope, out var read) is { } problem ? throw ParamsReader.Invalid(problem) : read;

    /// <exception cref="RpcException">InvalidParams, with the field.</exception>
    internal static string Checked(this TextRule rule, string value) =>
        rule.ProblemOf(value) is { } problem ? throw ParamsReader.Invalid(problem) : value;

    /// <exception cref="RpcException">InvalidParams, with the field.</exception>
    internal static int Checked(this NumberRule rule, int value) =>
        rule.ProblemOf(value) is { } problem ? throw ParamsReader.Invalid(problem) : value;

    // A text that is no URL cannot be handed on as one.
    private static FieldProblem? Read(Scope scope, out AwsScope read)
    {
        var problem = scope.EndpointUrl is { } url ? TunnelRules.EndpointUrl.ProblemOf(url) : null;
        read = new(scope.Profile, scope.Region, problem is null && scope.EndpointUrl is { } valid ? new Uri(valid) : null);
        return problem ?? TunnelRules.ProblemOf(read);
    }
}
