using System.Text.Json;
using RdsTunnel.Aws.Configuration;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Credentials that a program of the user's prints: <c>credential_process</c>.</summary>
/// <param name="stopping">Ends the program, when the process ends.</param>
internal sealed class ProgramCredentials(CredentialSource.Program source, TimeProvider time, CancellationToken stopping)
    : ExpiringCredentials(time)
{
    /// <summary>It may ask a person for something, in a window of its own.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(2);

    protected override async Task<Lease> RenewAsync(TimeSpan lasting)
    {
        using var deadline = new CancellationTokenSource(RunTime, Time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            var result = await HelperProcess.RunAsync(source.CommandLine, Time, over.Token).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                var words = HelperWords.Of(result.Errors, result.IsCut, source.CommandLine, result.Output);
                throw new HelperException($"ended with code {result.ExitCode}{(words.Length > 0 ? $" and says: {words}" : "")}");
            }

            var lease = Read(result.Output);
            return lease.ExpiresAt > Time.GetUtcNow() ? lease : throw new HelperException("printed expired credentials");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw Failed("was stopped because this program is exiting");
        }
        catch (OperationCanceledException)
        {
            throw Failed($"timed out after {RunTime.TotalMinutes} minutes");
        }
        catch (HelperException e)
        {
            throw Failed(e.Message);
        }
    }

    // What it printed may hold a secret: it is not quoted.
    private static Lease Read(string output)
    {
        try
        {
            using var json = JsonDocument.Parse(output);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new HelperException("did not print credentials in JSON");
            }

            if (
                !json.RootElement.TryGetProperty("Version", out var version)
                || version.ValueKind != JsonValueKind.Number
                || !version.TryGetDouble(out var number)
                || number != 1
            )
            {
                throw new HelperException("printed JSON without \"Version\": 1");
            }

            var (id, secret, token) = (
                Text(json, "AccessKeyId") ?? throw Without("AccessKeyId"),
                Text(json, "SecretAccessKey") ?? throw Without("SecretAccessKey"),
                Text(json, "SessionToken")
            );
            if (!StaticKeys.AreUsable(id, secret, token))
            {
                throw new HelperException(
                    "printed keys that can't be used: one of them is empty, or has a space or a character outside of ASCII"
                );
            }

            return Lease.TryRead(id, secret, token, Text(json, "Expiration"))
                ?? throw new HelperException(
                    "printed an invalid Expiration; it needs a date, a time and a time zone, for example 2026-11-28T03:56:02Z"
                );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, and no text.
            throw new HelperException("did not print credentials in JSON");
        }
    }

    private static string? Text(JsonDocument json, string property) =>
        !json.RootElement.TryGetProperty(property, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => value.GetString(),
                _ => throw new HelperException($"printed JSON whose {property} isn't a string"),
            };

    private static HelperException Without(string property) => new($"printed JSON without {property} (case matters)");

    private AwsException Failed(string how) =>
        new(
            AwsErrorCode.CredentialsUnavailable,
            $"The credential_process of the profile \"{source.Profile}\" {how}. Run it in a terminal to see why."
        );
}
