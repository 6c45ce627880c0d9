using RdsTunnel.Aws;
using RdsTunnel.Discovery;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Diagnosis;

/// <summary>What is known of the jump host, and of its way to the database, before it is used.</summary>
/// <param name="TargetId">The one to try; null when there is none.</param>
/// <param name="IsHostForbidden">Its agent would end the session at once.</param>
/// <param name="IsStopped">It is not started for a check.</param>
internal sealed record JumpHostCheck(
    CheckStep Target,
    CheckStep Network,
    string? TargetId,
    bool IsHostForbidden = false,
    bool IsStopped = false
)
{
    public static async Task<JumpHostCheck> RunAsync(IJumpHostFinder finder, TunnelRequest request, CancellationToken cancellationToken)
    {
        var (check, agentVersion) = await LookAsync(finder, request, cancellationToken).ConfigureAwait(false);
        return request.Host is { } host && ForbiddenHost.Find(host) is { } forbidden ? check.With(host, forbidden, agentVersion) : check;
    }

    private static async Task<(JumpHostCheck Check, string? AgentVersion)> LookAsync(
        IJumpHostFinder finder,
        TunnelRequest request,
        CancellationToken cancellationToken
    )
    {
        JumpHostList found;
        try
        {
            found = await finder
                .FindAsync(
                    request.Scope,
                    new DatabaseAddress(request.Host ?? request.Target!, request.Port),
                    request.JumpHostTag,
                    refresh: true,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (AwsException e)
        {
            var outcome = request.Target is null ? CheckOutcome.Failed : CheckOutcome.Unknown;
            return (
                new(
                    new(
                        CheckStepName.Target,
                        outcome,
                        $"Couldn't list jump hosts. {e.Message}",
                        request.Target is null ? "Choose a jump host (target), or request the permission." : null
                    ),
                    Way(request, null),
                    request.Target
                ),
                null
            );
        }

        if ((request.Target ?? found.Recommended ?? (request.StartJumpHost ? found.Startable : null)) is not { } target)
        {
            var message = found.JumpHosts.Any(each => each.IsUsable)
                ? $"No jump host is known to reach {request.Host}."
                : $"No jump host can reach {request.Host}.";
            return (new(new(CheckStepName.Target, CheckOutcome.Failed, message, found.Advice), Way(request, null), null), null);
        }

        var host = found.JumpHosts.FirstOrDefault(each => each.Target == target);
        return (
            new(
                host is null ? Unlisted(target, found) : Listed(host, request),
                Way(request, host),
                target,
                IsStopped: host?.CanStart == true
            ),
            host?.AgentVersion
        );
    }

    private JumpHostCheck With(string host, ForbiddenHost forbidden, string? agentVersion) =>
        forbidden.IsRefusedBy(agentVersion) switch
        {
            true => this with
            {
                Network = new(
                    CheckStepName.Network,
                    CheckOutcome.Failed,
                    agentVersion is null
                        ? $"SSM agents don't forward to {host}: it is the address of {forbidden.What}."
                        : ForbiddenHost.Refusal(host, agentVersion),
                    "Use the database's host name."
                ),
                IsHostForbidden = true,
            },
            null => this with
            {
                Network = new(
                    CheckStepName.Network,
                    CheckOutcome.Unknown,
                    $"{host} is the address of {forbidden.What}: SSM agents since {forbidden.Since} don't forward to it, and this agent's version is unknown."
                ),
            },
            false => this,
        };

    private static CheckStep Unlisted(string target, JumpHostList found) =>
        EcsServiceTarget.Parse(target) is { } service
            ? found.Failures.FirstOrDefault(failure => failure.Action.StartsWith("ecs:", StringComparison.Ordinal)) is { } failure
                ? new(CheckStepName.Target, CheckOutcome.Unknown, $"Couldn't look at the ECS service {service.Service}. {failure.Message}")
                : new(
                    CheckStepName.Target,
                    CheckOutcome.Failed,
                    $"No task of the ECS service {service.Service} in cluster {service.Cluster} runs with ECS Exec.",
                    "Enable it (enableExecuteCommand), and deploy the service anew."
                )
            : target.StartsWith("ecs:", StringComparison.Ordinal)
                ? new(
                    CheckStepName.Target,
                    CheckOutcome.Unknown,
                    $"{target} is an ECS task. Use its service in place of it (ecs:cluster/service): tasks are replaced."
                )
                : new(
                    CheckStepName.Target,
                    CheckOutcome.Failed,
                    $"Systems Manager doesn't list {target} in this account and region.",
                    found.Recommended is { } better
                        ? $"Use {better} instead."
                        : "Check that it is running, has the SSM agent, and has a role with the policy AmazonSSMManagedInstanceCore."
                );

    private static CheckStep Listed(JumpHost host, TunnelRequest request)
    {
        // A port of its own needs no document for remote hosts.
        var reasons = host
            .Reasons.Where(reason =>
                reason.Criterion is JumpHostCriterion.Online or JumpHostCriterion.Tag or JumpHostCriterion.Experience
                || (request.Host is not null && reason.Criterion == JumpHostCriterion.AgentVersion)
            )
            .ToList();
        var bad = reasons.Find(reason => reason.Verdict == Verdict.Against && reason.Criterion != JumpHostCriterion.Experience);
        var name = JumpHostAdvice.NameOf(host);
        return bad is null ? new(CheckStepName.Target, CheckOutcome.Passed, $"{name}: {Join(reasons)}.")
            : host.CanStart == true
                ? new(
                    CheckStepName.Target,
                    request.StartJumpHost ? CheckOutcome.Unknown : CheckOutcome.Failed,
                    $"{name}: {bad.Message}.",
                    request.StartJumpHost
                        ? "The tunnel starts it for the first connection. Open the tunnel, then check again."
                        : "Start it, or let the tunnel start it when it is needed (startJumpHost)."
                )
            : new(
                CheckStepName.Target,
                CheckOutcome.Failed,
                $"{name}: {bad.Message}.",
                bad.Criterion == JumpHostCriterion.AgentVersion
                    ? "Update its SSM agent."
                    : "Start it, or check its connection to Systems Manager."
            );
    }

    private static CheckStep Way(TunnelRequest request, JumpHost? host)
    {
        if (request.Host is null)
        {
            return new(CheckStepName.Network, CheckOutcome.Passed, "The tunnel leads to the jump host itself.");
        }

        var reasons = (host?.Reasons ?? [])
            .Where(reason => reason.Criterion is JumpHostCriterion.Network or JumpHostCriterion.SecurityGroups)
            .ToList();
        if (reasons.Find(reason => reason.Verdict == Verdict.Against) is { } bad)
        {
            return new(
                CheckStepName.Network,
                CheckOutcome.Failed,
                $"{Sentence(bad.Message)}.",
                $"Allow the jump host's security group on port {request.Port}."
            );
        }

        return reasons.Exists(reason => reason is { Criterion: JumpHostCriterion.SecurityGroups, Verdict: Verdict.For })
            ? new(CheckStepName.Network, CheckOutcome.Passed, $"{Sentence(Join(reasons))}.")
            : new(
                CheckStepName.Network,
                CheckOutcome.Unknown,
                reasons.Count == 0 ? "The network path to the database is unknown." : $"{Sentence(Join(reasons))}."
            );
    }

    private static string Join(IEnumerable<JumpHostReason> reasons) => string.Join("; ", reasons.Select(reason => reason.Message));

    private static string Sentence(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}";
}
