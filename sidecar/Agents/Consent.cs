using System.Collections.Concurrent;
using System.Text;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Agents;

/// <summary>What a person is asked before an agent reaches a database.</summary>
/// <param name="Reason">The agent's, cleaned; empty when it gave none.</param>
/// <param name="Database">As AWS lists it; null when it does not.</param>
/// <param name="Reader">An address of the same cluster that only reads.</param>
public sealed record AgentIntent(
    TunnelRequest Request,
    string Client,
    string Reason,
    CallerIdentity Identity,
    Database? Database,
    Database? Reader = null
);

/// <summary>Lets an agent reach a database if a person agrees, or has agreed beforehand. Thread-safe.</summary>
/// <param name="allowsOpen">The person who started this process lets agents open what AWS lists as a database.</param>
public sealed class Consent(bool allowsOpen, IAgentLog log)
{
    private readonly ConcurrentDictionary<TunnelRequest, bool> _remembered = new();

    /// <summary>How the person agreed, for the log.</summary>
    /// <exception cref="AgentException">Nobody agreed.</exception>
    public async Task<string> RequireAsync(AgentIntent intent, string purpose, IPerson person, CancellationToken cancellationToken)
    {
        var key = intent.Request with { Reason = null };
        if (_remembered.ContainsKey(key))
        {
            return "remembered";
        }

        // A flag for all databases is no consent to other addresses of the network, or to a sign-in with somebody's rights.
        var isBroad = intent is not { Database: not null, Request.Login: null };
        if (allowsOpen && !isBroad)
        {
            return "--allow-open";
        }

        if (!person.CanBeAsked)
        {
            throw await RefuseAsync(
                    intent,
                    AgentErrorCode.CannotAsk,
                    (
                        allowsOpen
                            ? "This needs a person's consent: --allow-open covers databases that AWS lists, without a login. This client can't ask."
                            : "This client can't ask a person for consent (MCP elicitation), and the server was started without --allow-open."
                    ) + " The person can open the tunnel: rds-tunnel open --help.",
                    cancellationToken
                )
                .ConfigureAwait(false);
        }

        switch (await person.AskAsync(new(Question(intent, purpose), isBroad), cancellationToken).ConfigureAwait(false))
        {
            case Answer.Yes:
                return person.How;
            case Answer.YesFromNowOn:
                _remembered[key] = true;
                return person.How;
            default:
                throw await RefuseAsync(
                        intent,
                        AgentErrorCode.Declined,
                        "The person declined. Don't try again without being asked to.",
                        cancellationToken
                    )
                    .ConfigureAwait(false);
        }
    }

    /// <summary>All that decides, and nothing that an agent could have dressed up as ours: its own words come last and in quotes.</summary>
    internal static string Question(AgentIntent intent, string purpose)
    {
        var (request, text) = (intent.Request, new StringBuilder());
        text.Append(intent.Client).Append(" wants to ").Append(purpose).Append('.').AppendLine().AppendLine();
        Line(
            "Database",
            $"{request.Host}:{request.Port}" + (intent.Database is { } known ? $" ({known.Name}, {known.Engine}, {known.Role})" : "")
        );
        Line("AWS identity", $"{intent.Identity.Arn}, account {intent.Identity.AccountId}");
        Line("Profile", request.Scope.Profile ?? "default");
        Line("Region", request.Scope.Region ?? intent.Database?.Region ?? "default");
        if (request.Target is { } target)
        {
            Line("Jump host", target);
        }

        if (request.Login is { } login)
        {
            Line(
                "Sign-in",
                login switch
                {
                    LoginKind.Iam => $"as {request.User}, with IAM",
                    LoginKind.Secret => $"with the secret {request.SecretId}" + (request.User is { } user ? $", as {user}" : ""),
                    _ => "none; the connection is encrypted",
                }
            );
        }

        if (intent.Reader is { } reader)
        {
            Line("Note", $"this address can write. {reader.Host} only reads.");
        }

        if (intent.Database is null)
        {
            Line("Warning", "AWS doesn't list this address as a database of this identity.");
        }

        if (intent.Reason.Length > 0)
        {
            Line("Reason given by the agent", $"\"{intent.Reason.Replace('"', '\'')}\"");
        }

        return text.ToString().TrimEnd();

        void Line(string name, string value) => text.Append(name).Append(": ").AppendLine(ForeignText.Line(value));
    }

    private async Task<AgentException> RefuseAsync(
        AgentIntent intent,
        AgentErrorCode code,
        string message,
        CancellationToken cancellationToken
    )
    {
        await log.WriteAsync(intent.ToAction(AgentActionKind.Refused) with { Error = code.ToString() }, cancellationToken)
            .ConfigureAwait(false);
        return new AgentException(code, message);
    }
}

public static class AgentIntents
{
    public static AgentAction ToAction(this AgentIntent intent, AgentActionKind kind) =>
        new(
            kind,
            intent.Client,
            intent.Request.Host,
            intent.Request.Port,
            Profile: intent.Request.Scope.Profile,
            Region: intent.Request.Scope.Region ?? intent.Database?.Region,
            Identity: intent.Identity.Arn,
            Reason: intent.Reason.Length > 0 ? intent.Reason : null
        );
}
