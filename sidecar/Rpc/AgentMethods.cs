namespace RdsTunnel.Rpc;

/// <summary>agent/call.</summary>
public sealed class AgentMethods(IAgentTools tools)
{
    internal void AddTo(IRpcMethods methods) => methods.AddAside(RpcMethods.CallAgentTool, tools.CallAsync);
}
