namespace RdsTunnel.Rpc;

/// <summary>agent/record.</summary>
public sealed class AgentMethods(IAgentLog log)
{
    internal void AddTo(IRpcMethods methods) => methods.AddAside(RpcMethods.RecordAgentAction, log.WriteAsync);
}
