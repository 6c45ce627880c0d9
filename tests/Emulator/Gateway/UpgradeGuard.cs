using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Gateway;

/// <summary>Checks who asks to open a data channel: the upgrade's signature, and the permission for it.</summary>
internal sealed class UpgradeGuard(SignatureVerifier signatures)
{
    public const string SigningName = "ssmmessages";

    private const string Permission = "ssmmessages:OpenDataChannel";

    /// <returns>Null for a client without a signature, where none is needed.</returns>
    /// <exception cref="ServiceException">The upgrade is refused.</exception>
    public EmulatedCredential? Admit(HttpRequest request, EmulatedSession? session, ChannelSignatureRule rule)
    {
        if (request.Headers.Authorization.Count == 0)
        {
            return rule != ChannelSignatureRule.Required
                ? null
                : throw new ServiceException("MissingAuthenticationTokenException", "Missing Authentication Token");
        }

        var caller = signatures.Verify(request, [], SigningName, session?.Region);
        var isDenied =
            !caller.IsNode
            && (
                rule == ChannelSignatureRule.Denied
                || !caller.May(Permission)
                || (caller.Grant is { } grant && grant.RequestId != session?.AccessRequestId)
            );
        return isDenied
            ? throw new ServiceException(
                "AccessDeniedException",
                $"User: {caller.Arn} is not authorized to perform: {Permission} on resource: session/{session?.Id}"
            )
            : caller;
    }
}
