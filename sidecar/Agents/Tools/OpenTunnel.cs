using System.Text.Json;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;

namespace RdsTunnel.Agents.Tools;

/// <summary>Opens a tunnel, if a person agrees.</summary>
public sealed class OpenTunnel(IInventories inventories, KnownDatabases databases, AgentTunnels tunnels, Consent consent)
    : AgentTool(
        "open_tunnel",
        "Open tunnel",
        "Opens a tunnel to a database on 127.0.0.1, after a person has agreed, and waits until the database answers. With login, RDS Tunnel signs connections in: programs need no password then. Prefer a database with access \"readOnly\".",
        $$"""
        {
          "type": "object", "additionalProperties": false, "required": ["host", "port", "reason"],
          "properties": {
            {{Schemas.Database}},
            "reason": { "type": "string", "description": "Why, in a few words: the person and the account's session history are shown it." },
            "login": { "type": "string", "enum": ["iam", "secret", "tls"], "description": "Sign connections in: iam (with user), secret (with secretId), tls (encrypt only). Default: programs sign in by themselves." },
            "user": { "type": "string", "description": "Database user of the login." },
            "secretId": { "type": "string", "description": "Name or ARN of the secret of the login." },
            "database": { "type": "string", "maxLength": 128, "description": "Name of the database on its server, for the connection details." }
          }
        }
        """
    )
{
    private const int MaxDatabaseChars = 128;

    public override bool IsReadOnly => false;

    public override async Task<JsonElement> RunAsync(AgentCall call, CancellationToken cancellationToken)
    {
        call.Arguments.Allow("host", "port", "profile", "region", "target", "reason", "login", "user", "secretId", "database");
        var request = call.Arguments.Tunnel();
        var reason = AgentText.Reason(call.Arguments.RequiredText("reason"));
        if (reason.Length == 0)
        {
            throw AgentException.Invalid("reason has no readable text.");
        }

        var databaseName = call.Arguments.Text("database");
        if (databaseName is not null && (databaseName.Length is 0 or > MaxDatabaseChars || databaseName.Any(char.IsControl)))
        {
            throw AgentException.Invalid($"database must be 1 to {MaxDatabaseChars} characters without control characters.");
        }

        request = request with { Reason = AgentText.SessionReason(AgentReasons.Prefix, reason) };
        if (tunnels.FindSame(request) is var (same, now))
        {
            return Details(DetailsAnswer.Of(same, now) with { AlreadyOpen = true });
        }

        await call.TellAsync("Looking the database up").ConfigureAwait(false);
        var identity = await IdentifyAsync(request.Scope, cancellationToken).ConfigureAwait(false);
        var known = await databases.FindAsync(request, cancellationToken).ConfigureAwait(false);
        var reader = known is null ? null : await databases.FindReaderAsync(known, request, cancellationToken).ConfigureAwait(false);
        var intent = new AgentIntent(request, call.Client, reason, identity, known, reader);
        await call.TellAsync("Asking for consent").ConfigureAwait(false);
        var agreed = await consent
            .RequireAsync(intent, "open a tunnel to a database", call.Person, cancellationToken)
            .ConfigureAwait(false);
        var tunnel = await tunnels
            .OpenAsync(
                request,
                intent.ToAction(AgentActionKind.Opening) with
                {
                    Consent = agreed,
                },
                known,
                databaseName,
                call.TellAsync,
                cancellationToken
            )
            .ConfigureAwait(false);
        return Details(
            DetailsAnswer.Of(
                tunnel,
                tunnel.Opened,
                reader is null ? null : $"For queries that only read, {ForeignText.Line(reader.Host)} is the cluster's reader endpoint."
            )
        );
    }

    private static JsonElement Details(DetailsAnswer answer) => JsonSerializer.SerializeToElement(answer, AnswerJson.Default.DetailsAnswer);

    private async Task<CallerIdentity> IdentifyAsync(AwsScope scope, CancellationToken cancellationToken)
    {
        try
        {
            return await inventories.InventoryOf(scope).GetIdentityAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (AwsException e) when (e.NeedsSignIn)
        {
            throw new AgentException(
                AgentErrorCode.SignInNeeded,
                $"{e.Message} Only the person can sign in, in the editor or with: rds-tunnel sign-in --profile {(scope.Profile is null ? "<name>" : "<the profile's name>")}"
            );
        }
    }
}
