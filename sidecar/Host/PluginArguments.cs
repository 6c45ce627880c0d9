using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdsTunnel.Host;

/// <summary>What the AWS CLI, and programs that do as it does, give to session-manager-plugin.</summary>
/// <remarks><code>
/// session-manager-plugin RESPONSE REGION StartSession [PROFILE [PARAMETERS [ENDPOINT]]]
/// </code>
/// RESPONSE is StartSession's answer as JSON, or (AWS CLI 2.13.37 and later) the name of an
/// environment variable that holds it, so that its token is in no list of processes.</remarks>
/// <param name="Parameters">Null where they cannot be read: they are for messages.</param>
internal sealed record PluginArguments(
    StartedSession Session,
    bool IsTokenOnCommandLine,
    string Region,
    string? Profile,
    StartSessionParameters? Parameters,
    string? Endpoint
)
{
    public const string Name = "session-manager-plugin";

    private const string ResponseVariable = "AWS_SSM_START_SESSION_RESPONSE";
    private const string Operation = "StartSession";
    private const int MinArguments = 3; // of an AWS CLI of 2018

    /// <summary>The jump host, for messages.</summary>
    public string Target => Parameters?.Target ?? "that was asked for";

    /// <summary>The arguments of the plugin, if this process was started as that: by its name, or by the command.</summary>
    /// <param name="names">What the process was started as.</param>
    public static string[]? In(string[] args, IEnumerable<string?> names) =>
        names.Any(name => Path.GetFileNameWithoutExtension(name)?.Equals(Name, StringComparison.OrdinalIgnoreCase) == true) ? args
        : args is [Name, .. var rest] && rest is not ["--help" or "-h" or "-?"] ? rest
        : null;

    /// <summary>What this process was started as: a symbolic link's own name counts, which the runtime resolves.</summary>
    public static IEnumerable<string?> NamesOfThisProcess()
    {
        yield return Environment.GetCommandLineArgs().FirstOrDefault();
        yield return Environment.ProcessPath;
        if (OperatingSystem.IsLinux())
        {
            yield return File.ReadAllText("/proc/self/cmdline").Split('\0')[0];
        }
    }

    /// <returns>Null, and what is wrong, where these are no such arguments.</returns>
    public static PluginArguments? Read(string[] args, Func<string, string?> environment, out string problem)
    {
        problem = "";
        if (args.Length < MinArguments)
        {
            problem = $"{Name} needs at least a response, a region and an operation. The AWS CLI starts it: aws ssm start-session.";
            return null;
        }

        if (args[2] != Operation)
        {
            problem = $"Only {Operation} is supported.";
            return null;
        }

        var isVariable = args[0].StartsWith(ResponseVariable, StringComparison.Ordinal);
        var session = Parse(isVariable ? environment(args[0]) : args[0], PluginJson.Default.StartedSession);
        if (session is null)
        {
            // It is not quoted: it holds a secret.
            problem = isVariable
                ? $"The environment variable {args[0]} holds no response of StartSession."
                : "The first argument is no response of StartSession.";
            return null;
        }

        return new(session, !isVariable, args[1], At(3), Parse(At(4), PluginJson.Default.StartSessionParameters), At(5));

        string? At(int index) => index < args.Length && args[index].Length > 0 ? args[index] : null;
    }

    private static T? Parse<T>(string? json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return string.IsNullOrEmpty(json) ? null : JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>StartSession's answer. The token is a secret.</summary>
internal sealed record StartedSession(string? SessionId, string? StreamUrl, string? TokenValue)
{
    public override string ToString() => $"{nameof(StartedSession)} {{ SessionId = {SessionId} }}";
}

/// <summary>What StartSession was asked for.</summary>
internal sealed record StartSessionParameters(string? Target);

[JsonSerializable(typeof(StartedSession))]
[JsonSerializable(typeof(StartSessionParameters))]
internal sealed partial class PluginJson : JsonSerializerContext;
