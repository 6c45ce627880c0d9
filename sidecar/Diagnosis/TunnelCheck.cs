using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery;
using RdsTunnel.Tunnels;
using RdsTunnel.Tunnels.Forwarding;

namespace RdsTunnel.Diagnosis;

/// <inheritdoc cref="ITunnelCheck"/>
public sealed class TunnelCheck(
    ISessionServices services,
    IInventories inventories,
    IJumpHostFinder jumpHosts,
    TimeProvider time,
    ILoggerFactory loggers
) : ITunnelCheck
{
    public async IAsyncEnumerable<CheckStep> RunAsync(TunnelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        TunnelRules.Require(request);
        var (credentials, identity) = await IdentifyAsync(request.Scope, cancellationToken).ConfigureAwait(false);
        yield return ClockAdvice.AddTo(credentials, inventories.ClockOffset);
        yield return identity;
        if (credentials.Outcome == CheckOutcome.Failed)
        {
            foreach (var step in NotReached(CheckStepName.Target, "there are no usable credentials"))
            {
                yield return step;
            }

            yield break;
        }

        var jumpHost = await JumpHostCheck.RunAsync(jumpHosts, request, cancellationToken).ConfigureAwait(false);
        yield return jumpHost.Target;
        yield return jumpHost.Network;
        if (jumpHost.TargetId is not { } target || jumpHost.IsHostForbidden || jumpHost.IsStopped)
        {
            foreach (
                var step in NotReached(
                    CheckStepName.Permission,
                    jumpHost.IsHostForbidden ? "SSM agents block this host"
                        : jumpHost.IsStopped ? "the jump host is stopped"
                        : "there is no jump host"
                )
            )
            {
                yield return step;
            }

            yield break;
        }

        // A tunnel of its own, with all that a tunnel does, which nobody else sees.
        await using var tunnels = new TunnelManager(services, new FixedTarget(target), writers: null, time, loggers);
        var session = await SessionCheck
            .RunAsync(
                tunnels,
                services,
                request.WithoutLogin() with
                {
                    Target = target,
                    Reason = request.Reason ?? SessionReason.DefaultOfCheck,
                },
                time,
                cancellationToken
            )
            .ConfigureAwait(false);
        yield return session.Permission;
        yield return session.Channel;
        yield return session.Session;
        if (session.LocalPort is not { } port)
        {
            foreach (var step in NotReached(CheckStepName.Connection, "no session could be opened"))
            {
                yield return step;
            }

            yield break;
        }

        var (connection, certificate) = await DatabaseCheck.RunAsync(tunnels, request, port, time, cancellationToken).ConfigureAwait(false);
        yield return connection;
        yield return certificate;
    }

    private async Task<(CheckStep Credentials, CheckStep Identity)> IdentifyAsync(AwsScope scope, CancellationToken cancellationToken)
    {
        var whose = scope.Profile is { } profile ? $"The profile \"{profile}\"" : "The environment, or the default profile,";
        try
        {
            var identity = await inventories.InventoryOf(scope).GetIdentityAsync(cancellationToken).ConfigureAwait(false);
            return (
                new(CheckStepName.Credentials, CheckOutcome.Passed, $"{whose} has valid credentials."),
                new(CheckStepName.Identity, CheckOutcome.Passed, $"{identity.Arn}, in the account {identity.AccountId}.")
            );
        }
        catch (AwsException e)
            when (!e.IsOfCredentials
                && e.Code is AwsErrorCode.Unreachable or AwsErrorCode.ServiceFault or AwsErrorCode.Throttled or AwsErrorCode.AccessDenied
            )
        {
            return (
                new(CheckStepName.Credentials, CheckOutcome.Unknown, "Credentials found, but AWS couldn't be asked about them."),
                new(CheckStepName.Identity, CheckOutcome.Unknown, e.Message)
            );
        }
        catch (AwsException e)
        {
            return (
                new(CheckStepName.Credentials, CheckOutcome.Failed, e.Message, e.NeedsSignIn ? "Sign in, then check again." : null),
                NotReached(CheckStepName.Identity, "there are no usable credentials").First()
            );
        }
    }

    private static IEnumerable<CheckStep> NotReached(CheckStepName from, string because) =>
        Enum.GetValues<CheckStepName>()
            .Where(name => name >= from)
            .Select(name => new CheckStep(name, CheckOutcome.Unknown, $"Not checked, because {because}."));

    private sealed class FixedTarget(string target) : ITargets
    {
        public event Action? Chosen
        {
            add { }
            remove { }
        }

        public Task<SelectedTarget> SelectAsync(TunnelRequest request, CancellationToken cancellationToken) =>
            Task.FromResult(new SelectedTarget(target, Name: null, Reasons: []));

        public void OnReached(TunnelRequest request, string target) { }

        public FailedTargets OnFailed(TunnelRequest request, string target, TargetFailure failure) => new([target], HasOther: false);
    }
}
