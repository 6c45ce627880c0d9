using System.Text.Json.Nodes;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Credentials;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>What this project answers, in the words of answers.py.</summary>
internal static class OurAnswers
{
    private const string AnyRegion = "eu-west-1";

    public static JsonNode To(IReadOnlyDictionary<string, string> environment, string? profile)
    {
        var resolver = new SettingsResolver(environment.GetValueOrDefault);
        return new JsonObject
        {
            ["profiles"] = new JsonArray([
                .. resolver.Files().ProfileNames.Order(StringComparer.Ordinal).Select(name => JsonValue.Create(name)),
            ]),
            ["region"] = Attempt(() => JsonValue.Create(resolver.Resolve(new AwsScope(profile)).Region)),
            ["source"] = Attempt(() => Of(resolver.SourceOf(resolver.Resolve(new AwsScope(profile, AnyRegion))))),
        };
    }

    private static JsonNode? Of(CredentialSource source) =>
        source switch
        {
            CredentialSource.Keys { Value: var keys } => new JsonObject
            {
                ["keys"] = new JsonArray(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken),
            },
            CredentialSource.Program program => ShellWords.Split(program.CommandLine) is { } words
                ? new JsonObject { ["process"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) }
                : "error",
            CredentialSource.IdentityCenter center => Told(
                ("sso", center.Session.StartUrl),
                ("region", center.Session.Region),
                ("account", center.AccountId),
                ("role", center.RoleName),
                ("session", center.Session.Name)
            ),
            CredentialSource.Role role => Told(
                ("RoleArn", role.Settings.Arn),
                ("RoleSessionName", role.Settings.SessionName),
                ("ExternalId", role.Settings.ExternalId),
                ("SerialNumber", role.MfaSerial),
                ("DurationSeconds", role.Settings.DurationSeconds),
                ("cache", RoleCache.NameOf(role.Settings, role.MfaSerial)),
                ("with", Of(role.With))
            ),
            CredentialSource.WebIdentity identity => Told(
                ("RoleArn", identity.Settings.Arn),
                ("RoleSessionName", identity.Settings.SessionName),
                ("cache", RoleCache.NameOf(identity.Settings, null)),
                ("tokenFile", identity.TokenFile)
            ),
            CredentialSource.Login login => Told(("login", login.SessionName)),
            CredentialSource.Container container => Told(
                ("container", container.Url.OriginalString),
                ("token", container.Token),
                ("tokenFile", container.TokenFile)
            ),
            CredentialSource.Instance => "instance",
            _ => throw new ArgumentOutOfRangeException(nameof(source)),
        };

    private static JsonObject Told(params (string Name, JsonNode? Value)[] values) =>
        new(values.Where(value => value.Value is not null).Select(value => KeyValuePair.Create(value.Name, value.Value)));

    private static JsonNode? Attempt(Func<JsonNode?> ask)
    {
        try
        {
            return ask();
        }
        catch (AwsException e)
        {
            return e.Code switch
            {
                AwsErrorCode.RegionMissing => null,
                AwsErrorCode.CredentialsMissing => "none",
                _ => "error",
            };
        }
    }
}
