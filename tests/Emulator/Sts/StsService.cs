using System.Globalization;
using System.Xml.Linq;
using RdsTunnel.Emulator.Query;
using RdsTunnel.Emulator.Signing;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Emulator.Sts;

/// <summary>The Security Token Service: who somebody is, and temporary credentials of roles.</summary>
internal sealed class StsService(CredentialStore credentials, IReadOnlyList<EmulatedRole> roles, TimeProvider time) : IQueryService
{
    private const int DefaultSeconds = 3600;
    private const int MinSeconds = 900;
    private const int MaxSeconds = 43_200;

    public string SigningName => "sts";

    public bool IsUnsigned(string action) => action == "AssumeRoleWithWebIdentity";

    public IEnumerable<XElement> Call(string action, IReadOnlyDictionary<string, string> form, string region, EmulatedCredential? caller) =>
        action switch
        {
            "AssumeRoleWithWebIdentity" => AssumeRoleWithWebIdentity(form),
            "AssumeRole" => AssumeRole(form, caller!),
            "GetCallerIdentity" =>
            [
                new("Arn", caller!.Arn),
                new("UserId", "AIDA0123456789ABCDEF"),
                new("Account", caller.Arn.Split(':')[4]),
            ],
            _ => throw new ServiceException(
                "InvalidAction",
                $"Could not find operation {action} for version {form.GetValueOrDefault("Version")}"
            ),
        };

    private XElement[] AssumeRole(IReadOnlyDictionary<string, string> form, EmulatedCredential caller)
    {
        var role = RoleOf(form);
        var isTrusted =
            role is { WebIdentityToken: null }
            && (role.ExternalId is null || role.ExternalId == form.GetValueOrDefault("ExternalId"))
            && (
                role.MfaSerial is null
                || (role.MfaSerial == form.GetValueOrDefault("SerialNumber") && role.MfaCode == form.GetValueOrDefault("TokenCode"))
            );
        return isTrusted
            ? Credentials(role!, form)
            : throw new ServiceException(
                "AccessDenied",
                $"User: {caller.Arn} is not authorized to perform: sts:AssumeRole on resource: {form.GetValueOrDefault("RoleArn")}",
                StatusCodes.Status403Forbidden
            );
    }

    private XElement[] AssumeRoleWithWebIdentity(IReadOnlyDictionary<string, string> form)
    {
        var role = RoleOf(form);
        return role?.WebIdentityToken is { } token && token == form.GetValueOrDefault("WebIdentityToken")
            ? Credentials(role, form)
            : throw new ServiceException("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider");
    }

    private EmulatedRole? RoleOf(IReadOnlyDictionary<string, string> form) =>
        roles.FirstOrDefault(role => role.Arn == form.GetValueOrDefault("RoleArn"));

    private XElement[] Credentials(EmulatedRole role, IReadOnlyDictionary<string, string> form)
    {
        var seconds = form.TryGetValue("DurationSeconds", out var text)
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : DefaultSeconds;
        if (seconds is < MinSeconds or > MaxSeconds)
        {
            throw new ServiceException(
                "ValidationError",
                $"1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint"
            );
        }

        // arn:aws:iam::111122223333:role/Name
        var (account, name) = (role.Arn.Split(':')[4], role.Arn[(role.Arn.LastIndexOf('/') + 1)..]);
        var arn = $"arn:aws:sts::{account}:assumed-role/{name}/{form["RoleSessionName"]}";
        var credential = credentials.Issue(arn, time.GetUtcNow().AddSeconds(seconds), role.DeniedActions);
        return
        [
            new(
                "AssumedRoleUser",
                new XElement("Arn", arn),
                new XElement("AssumedRoleId", $"AROA0123456789ABCDEF:{form["RoleSessionName"]}")
            ),
            new(
                "Credentials",
                new XElement("AccessKeyId", credential.AccessKeyId),
                new XElement("SecretAccessKey", credential.SecretAccessKey),
                new XElement("SessionToken", credential.SessionToken),
                new XElement("Expiration", credential.ExpiresAt!.Value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            ),
        ];
    }
}
