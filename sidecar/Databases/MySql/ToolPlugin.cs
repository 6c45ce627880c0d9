namespace RdsTunnel.Databases.MySql;

/// <summary>Brings a tool to a plugin that is spoken here. A tool may use another one than the greeting's: it then waits to
/// be asked, as servers do, and takes nothing else for an answer.</summary>
internal static class ToolPlugin
{
    /// <param name="response">The tool's to that greeting.</param>
    /// <returns>The response as it counts in the end, and the nonce that it answers.</returns>
    /// <exception cref="LoginException">The tool doesn't go along.</exception>
    /// <exception cref="ToolGoneException"/>
    public static async Task<(HandshakeResponse Response, byte[] Nonce)> SettleAsync(
        ToolSide tool,
        HandshakeResponse response,
        Greeting greeting,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        if (!response.Capabilities.HasFlag(Capability.PluginAuth))
        {
            return (response with { Plugin = Plugins.Native }, greeting.Nonce); // without plugins there is one
        }

        if ((response.Plugin ?? greeting.Plugin) == greeting.Plugin)
        {
            return (response with { Plugin = greeting.Plugin }, greeting.Nonce);
        }

        var nonce = Greeting.NewNonce();
        var plugin = response.Plugin is Plugins.Native or Plugins.CachingSha2 ? response.Plugin : greeting.Plugin;
        await tool.SendAsync(new AuthSwitchRequest(plugin, [.. nonce, 0]).Write, cancellationToken).ConfigureAwait(false);
        var next = await Patience
            .WithinAsync(tool.ReadNextAsync, $"The tool didn't answer the request to use {plugin}", time, cancellationToken)
            .ConfigureAwait(false);
        return (response with { Plugin = plugin, Answer = next.Payload }, nonce);
    }
}
