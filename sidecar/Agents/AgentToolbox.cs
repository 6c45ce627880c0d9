using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents;

/// <summary>All that agents can do, whichever way they ask. Thread-safe.</summary>
public sealed partial class AgentToolbox(IReadOnlyList<AgentTool> tools, ILogger<AgentToolbox> logger)
{
    public IReadOnlyList<AgentTool> Tools { get; } = tools;

    /// <returns>Null when there is no such tool.</returns>
    /// <exception cref="AgentQuestionException">A person has to be asked first.</exception>
    public async Task<AgentAnswer?> CallAsync(string name, AgentCall call, CancellationToken cancellationToken)
    {
        if (Tools.FirstOrDefault(each => each.Name == name) is not { } tool)
        {
            return null;
        }

        try
        {
            return new AgentAnswer(await tool.RunAsync(call, cancellationToken).ConfigureAwait(false), Error: null);
        }
        catch (AgentException e)
        {
            return AgentAnswer.Failed(e.Message, e.Code.ToString());
        }
        catch (TunnelException e)
        {
            return AgentAnswer.Failed(e.Message, e.Code.ToString());
        }
        catch (AwsException e)
        {
            return AgentAnswer.Failed(e.Message, e.Code.ToString());
        }
        catch (Exception e) when (e is not OperationCanceledException and not AgentQuestionException)
        {
            LogFailed(e, tool.Name);
            return AgentAnswer.Failed($"{tool.Name} failed unexpectedly ({e.GetType().Name}); see the log of RDS Tunnel.", "InternalError");
        }
    }

    [LoggerMessage(801, LogLevel.Error, "{Tool} failed")]
    private partial void LogFailed(Exception exception, string tool);
}

/// <summary>One of the two is there.</summary>
/// <param name="Result">An object.</param>
/// <param name="Error">For the agent and the person behind it.</param>
public sealed record AgentAnswer(JsonElement? Result, string? Error)
{
    public static AgentAnswer Failed(string message, string code) => new(Result: null, $"{message} ({code})");
}
