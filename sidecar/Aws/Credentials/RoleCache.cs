using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.SignIn;

namespace RdsTunnel.Aws.Credentials;

/// <summary><c>~/.aws/cli/cache</c>: the roles that were assumed, in the AWS CLI's file names and
/// shape, so that a code is given once for both.
/// What cannot be written there is kept in memory. Thread-safe.</summary>
internal sealed partial class RoleCache(SettingsResolver resolver, TimeProvider time, ILogger logger)
{
    private readonly ConcurrentDictionary<string, CachedRole> _unwritten = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _assuming = new(StringComparer.Ordinal);

    /// <summary>What is kept for a role, or what <paramref name="assume"/> gives, which runs once
    /// for all who ask at the same time.</summary>
    /// <param name="caller">Who assumes it. The AWS CLI names a role alike whoever that is, and
    /// does not say it: what we have kept for another one is not used.</param>
    /// <param name="lasting">What is kept has to last so long; a person is not asked for a code for that.</param>
    public async Task<Lease> GetAsync(RoleSettings role, string? mfaSerial, string caller, TimeSpan lasting, Func<Task<CachedRole>> assume)
    {
        var name = NameOf(role, mfaSerial);
        var gate = _assuming.GetOrAdd(name, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Read(name, caller) is { } kept && !kept.EndsWithin(mfaSerial is null ? lasting : ExpiringCredentials.RenewAhead, time))
            {
                return kept;
            }

            var assumed = (await assume().ConfigureAwait(false)) with { AssumedBy = caller };
            var lease =
                LeaseOf(assumed)
                ?? throw new AwsException(
                    AwsErrorCode.ServiceFault,
                    $"STS returned no keys for {role.Arn}. A proxy may have changed the response."
                );
            Write(name, assumed);
            return lease;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Takes back what AWS accepts no longer, unless somebody has put other keys there meanwhile.</summary>
    public void Remove(RoleSettings role, string? mfaSerial, string caller, Lease lease)
    {
        var name = NameOf(role, mfaSerial);
        if (Read(name, caller) is { } kept && kept.Credentials.AccessKey == lease.Credentials.AccessKey)
        {
            _unwritten.TryRemove(name, out _);
            try
            {
                OwnerOnlyFile.Delete(PathOf(name));
            }
            catch (AwsException e)
            {
                LogNotKept(e.Message);
            }
        }
    }

    private string Folder => Path.Combine(resolver.Folder, "cli", "cache");

    private string PathOf(string name) => Path.Combine(Folder, $"{name}.json");

    private Lease? Read(string name, string caller)
    {
        var leases = new[] { OwnerOnlyFile.Read(PathOf(name), RoleJson.Default.CachedRole), _unwritten.GetValueOrDefault(name) }
            .Where(kept => kept is not null && (kept.AssumedBy ?? caller) == caller)
            .Select(kept => LeaseOf(kept!))
            .OfType<Lease>();
        return leases.MaxBy(lease => lease.ExpiresAt);
    }

    private void Write(string name, CachedRole role)
    {
        try
        {
            OwnerOnlyFile.Write(PathOf(name), role, RoleJson.Default.CachedRole);
            _unwritten.TryRemove(name, out _);
        }
        catch (AwsException e)
        {
            _unwritten[name] = role;
            LogNotKept(e.Message);
        }
    }

    private static Lease? LeaseOf(CachedRole role) =>
        role.Credentials is { Expiration: { } expiration } keys
            ? Lease.TryRead(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken, expiration)
            : null;

    /// <summary>The AWS CLI names a role by what it asks STS for, as JSON with sorted keys; a
    /// session name of its own making does not count.</summary>
    internal static string NameOf(RoleSettings role, string? mfaSerial)
    {
        var key = new StringBuilder("{");
        Add("DurationSeconds", role.DurationSeconds is { } seconds ? $"{seconds}" : null);
        Add("ExternalId", Json(role.ExternalId));
        Add("RoleArn", Json(role.Arn));
        Add("RoleSessionName", Json(role.SessionName));
        Add("SerialNumber", Json(mfaSerial));
#pragma warning disable CA5350 // It names a file, as the AWS CLI does; it protects nothing.
        return Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key.Append('}').ToString())));
#pragma warning restore CA5350

        void Add(string property, string? value) =>
            key.Append(value is null ? "" : $"{(key.Length > 1 ? ", " : "")}\"{property}\": {value}");
    }

    // As Python's json writes it.
    private static string? Json(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var json = new StringBuilder("\"");
        foreach (var c in text)
        {
            json.Append(
                c switch
                {
                    '"' => "\\\"",
                    '\\' => "\\\\",
                    '\n' => "\\n",
                    '\r' => "\\r",
                    '\t' => "\\t",
                    '\b' => "\\b",
                    '\f' => "\\f",
                    < ' ' or > '~' and not '\x7f' => $"\\u{(int)c:x4}",
                    _ => c.ToString(),
                }
            );
        }

        return json.Append('"').ToString();
    }

    [LoggerMessage(EventId = 3021, Level = LogLevel.Information, Message = "Assumed role isn't shared with the AWS CLI: {Problem}")]
    private partial void LogNotKept(string problem);

    [JsonSerializable(typeof(CachedRole))]
    private sealed partial class RoleJson : JsonSerializerContext;
}

/// <summary>An answer of STS, as the AWS CLI keeps it.</summary>
/// <param name="AssumedBy">Ours; the AWS CLI passes over it.</param>
internal sealed record CachedRole(RoleKeys? Credentials, AssumedRole? AssumedRoleUser = null, string? AssumedBy = null);

/// <param name="Expiration">In any form that <see cref="WrittenTime"/> reads.</param>
internal sealed record RoleKeys(string? AccessKeyId, string? SecretAccessKey, string? SessionToken, string? Expiration)
{
    public override string ToString() => $"RoleKeys {{ AccessKeyId = {AccessKeyId} }}";
}

internal sealed record AssumedRole(string? AssumedRoleId, string? Arn);
