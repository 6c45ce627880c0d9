using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Emulator.Signing;

/// <summary>Verifies Signature Version 4, written from its description alone, so that it shares no
/// mistake with the client that signs. Thread-safe.</summary>
internal sealed class SignatureVerifier(CredentialStore credentials, TimeProvider time)
{
    private const string DateHeader = "X-Amz-Date";
    private const string TokenHeader = "X-Amz-Security-Token";
    private const string BodyDigestHeader = "X-Amz-Content-Sha256";
    private const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>Gives the identity that signed <paramref name="request"/> for <paramref name="service"/>.</summary>
    /// <param name="region">For which the request has to be signed; null for any.</param>
    /// <exception cref="ServiceException">The signature is missing, wrong, old, or of somebody unknown.</exception>
    public EmulatedCredential Verify(HttpRequest request, ReadOnlySpan<byte> body, string service, string? region = null)
    {
        var authorization = AuthorizationHeader.Parse(request.Headers.Authorization);
        var date = request.Headers[DateHeader].ToString();
        RequireSigned(request.Headers, authorization);
        RequireScope(authorization, date, service, region);
        var credential = Find(authorization.AccessKeyId);
        RequireToken(request.Headers, credential);
        RequireFresh(date);

        var canonical = CanonicalRequest.Of(request, authorization.SignedHeaders, body);
        var expected = Sign(credential.SecretAccessKey, authorization, date, canonical);
        var bodyDigest = request.Headers[BodyDigestHeader].ToString();
        if (
            !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(authorization.Signature))
            || (bodyDigest.Length > 0 && bodyDigest != Convert.ToHexStringLower(SHA256.HashData(body)))
        )
        {
            throw Invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
                    + "signing method. Consult the service documentation for details."
            );
        }

        return credential;
    }

    private static void RequireSigned(IHeaderDictionary headers, AuthorizationHeader authorization)
    {
        foreach (var name in (ReadOnlySpan<string>)["Host", DateHeader, TokenHeader, "X-Amz-Target"])
        {
            if (headers.ContainsKey(name) && !authorization.SignedHeaders.Contains(name.ToLowerInvariant(), StringComparer.Ordinal))
            {
                throw Invalid($"'{name}' must be a 'SignedHeader' in the AWS Authorization.");
            }
        }
    }

    private static void RequireScope(AuthorizationHeader authorization, string date, string service, string? region)
    {
        if (date.Length == 0)
        {
            throw new ServiceException(
                "IncompleteSignatureException",
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
            );
        }

        if (authorization.Service != service)
        {
            throw Invalid($"Credential should be scoped to correct service: '{service}'.");
        }

        if (region is not null && authorization.Region != region)
        {
            throw Invalid($"Credential should be scoped to a valid region, not '{authorization.Region}'.");
        }

        if (!date.StartsWith(authorization.Date, StringComparison.Ordinal))
        {
            throw Invalid(
                $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{authorization.Date}' != '{date}'."
            );
        }
    }

    private EmulatedCredential Find(string accessKeyId) => credentials.Find(accessKeyId) ?? throw Unrecognized();

    private void RequireToken(IHeaderDictionary headers, EmulatedCredential credential)
    {
        if (headers[TokenHeader].ToString() != (credential.SessionToken ?? ""))
        {
            throw Unrecognized();
        }

        if (credential.ExpiresAt <= time.GetUtcNow())
        {
            throw new ServiceException("ExpiredTokenException", "The security token included in the request is expired");
        }
    }

    private void RequireFresh(string date)
    {
        if (!DateTimeOffset.TryParseExact(date, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt))
        {
            throw new ServiceException("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'.");
        }

        var now = time.GetUtcNow();
        if (signedAt < now - ClockSkew)
        {
            throw Invalid($"Signature expired: {date} is now earlier than {Format(now - ClockSkew)} ({Format(now)} - 5 min.)");
        }

        if (signedAt > now + ClockSkew)
        {
            throw Invalid($"Signature not yet current: {date} is still later than {Format(now + ClockSkew)} ({Format(now)} + 5 min.)");
        }
    }

    private static string Sign(string secret, AuthorizationHeader authorization, string date, string canonicalRequest)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)));
        var stringToSign = $"{AuthorizationHeader.Algorithm}\n{date}\n{authorization.Scope}\n{digest}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in authorization.Scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign)));
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture);

    private static ServiceException Invalid(string message) => new("InvalidSignatureException", message);

    private static ServiceException Unrecognized() =>
        new("UnrecognizedClientException", "The security token included in the request is invalid.");
}
