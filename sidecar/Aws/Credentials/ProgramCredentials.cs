using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdsTunnel.Aws.Credentials;

/// <summary>Credentials that a program of the user's prints: <c>credential_process</c>.</summary>
internal sealed partial class ProgramCredentials(CredentialSource.Program source, TimeProvider time) : ExpiringCredentials(time)
{
    private const int MaxOutputChars = 64 * 1024;

    /// <summary>It may ask a person for something, in a window of its own.</summary>
    private static readonly TimeSpan RunTime = TimeSpan.FromMinutes(2);

    protected override async Task<Lease> RenewAsync()
    {
        var output = await RunAsync().ConfigureAwait(false);
        try
        {
            var printed = JsonSerializer.Deserialize(output, ProgramJson.Default.PrintedCredentials);
            return printed is { Version: 1, AccessKeyId: { } id, SecretAccessKey: { } secret }
                ? Lease.Of(id, secret, printed.SessionToken, printed.Expiration?.UtcDateTime)
                : throw Failed("printed JSON without Version 1, AccessKeyId and SecretAccessKey");
        }
        catch (JsonException)
        {
            // What it printed may hold a secret: it is not quoted.
            throw Failed("printed something that is not the JSON of credentials");
        }
    }

    private async Task<string> RunAsync()
    {
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd.exe") { ArgumentList = { "/c", source.CommandLine } }
            : new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", source.CommandLine } };
        start.RedirectStandardOutput = start.RedirectStandardInput = start.RedirectStandardError = true;
        start.CreateNoWindow = true;
        try
        {
            using var deadline = new CancellationTokenSource(RunTime, Time);
            using var process = Process.Start(start)!;
            try
            {
                process.StandardInput.Close();
                var errors = process.StandardError.ReadToEndAsync(deadline.Token);
                var output = await ReadAsync(process.StandardOutput, deadline.Token).ConfigureAwait(false);
                await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
                await errors.ConfigureAwait(false);
                return process.ExitCode == 0 ? output : throw Failed($"ended with code {process.ExitCode}");
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw Failed($"did not end within {RunTime.TotalMinutes} minutes");
        }
        catch (Win32Exception e)
        {
            throw Failed($"could not be started: {e.Message}");
        }
    }

    private async Task<string> ReadAsync(StreamReader output, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxOutputChars];
        var length = await output.ReadBlockAsync(buffer, cancellationToken).ConfigureAwait(false);
        return length < buffer.Length ? new string(buffer, 0, length) : throw Failed($"printed more than {MaxOutputChars} characters");
    }

    private AwsException Failed(string how) => new(AwsErrorCode.CredentialsMissing,
        $"The credential_process of the profile \"{source.Profile}\" {how}. Run it by hand to see why.");

    private sealed record PrintedCredentials(int Version, string? AccessKeyId = null, string? SecretAccessKey = null, string? SessionToken = null, DateTimeOffset? Expiration = null);

    [JsonSerializable(typeof(PrintedCredentials))]
    private sealed partial class ProgramJson : JsonSerializerContext;
}
