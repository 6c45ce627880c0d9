using System.Security.Cryptography;

namespace RdsTunnel.Databases.MySql;

/// <summary>Asks a tool for the local password, as a server would: what comes is a hash of it with
/// a nonce, never the password itself.</summary>
internal static class LocalSignIn
{
    /// <param name="response">The tool's to that greeting. Clients answer it for their own plugin, or for the greeting's.</param>
    /// <returns>The response as it counts in the end.</returns>
    /// <exception cref="LoginException">The password is wrong.</exception>
    /// <exception cref="ToolGoneException"/>
    public static async Task<HandshakeResponse> RequireAsync(
        ToolSide tool,
        HandshakeResponse response,
        Greeting greeting,
        LocalPassword password,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var nonce = greeting.Nonce;
        // Without plugins there is one.
        var answered = response with
        {
            Plugin = response.Capabilities.HasFlag(Capability.PluginAuth) ? response.Plugin ?? greeting.Plugin : Plugins.Native,
        };
        if (response.Capabilities.HasFlag(Capability.PluginAuth) && answered.Plugin != greeting.Plugin)
        {
            nonce = Greeting.NewNonce();
            var plugin = answered.Plugin is Plugins.Native or Plugins.CachingSha2 ? answered.Plugin : greeting.Plugin;
            await tool.SendAsync(new AuthSwitchRequest(plugin, [.. nonce, 0]).Write, cancellationToken).ConfigureAwait(false);
            var next = await Patience
                .WithinAsync(tool.ReadNextAsync, "The tool didn't answer the request for the local password", time, cancellationToken)
                .ConfigureAwait(false);
            answered = response with { Plugin = plugin, Answer = next.Payload };
        }

        await password.RequireAsync(IsRight(answered, nonce, password), cancellationToken).ConfigureAwait(false);
        return answered;
    }

    private static bool IsRight(HandshakeResponse response, byte[] nonce, LocalPassword password)
    {
        using var right = new PayloadWriter();
        Plugins.WriteAnswer(right, response.Plugin!, nonce, password.Bytes);
        return CryptographicOperations.FixedTimeEquals(response.Answer.Span, right.Written.Span);
    }
}
