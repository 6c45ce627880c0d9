using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Faults;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel sign-in …</c>: IAM Identity Center, for people without the editor.</summary>
internal static class SignInCommand
{
    public static async Task<int> RunAsync(SsoReference session, bool withDeviceCode, LogLevel level, TimeProvider time)
    {
        var (output, error) = (StandardStreams.Output, StandardStreams.Error);
        await using var stderr = new StderrLoggerProvider(StandardStreams.OpenError(), new LogLevelSwitch(level), time);
        using var loggers = Loggers.Create(time, stderr);
        using var lifetime = new ProcessLifetime(time, loggers.CreateLogger<ProcessLifetime>());
        return await lifetime
            .RunAsync(async ending =>
            {
                using var aws = new AwsServices(time, loggers, new NobodyToAsk());
                try
                {
                    var signedIn = await aws
                        .SignIn.SignInAsync(
                            session,
                            withDeviceCode ? SignInFlow.DeviceCode : SignInFlow.Auto,
                            request => output.WriteLine(Describe(request)),
                            ending
                        )
                        .ConfigureAwait(false);
                    if (signedIn.IsShared is false)
                    {
                        await error
                            .WriteLineAsync(
                                "rds-tunnel: Couldn't save the sign-in in ~/.aws/sso/cache, so it ends with this command. See the log above."
                            )
                            .ConfigureAwait(false);
                        lifetime.End("Not signed in", ExitCode.NotOpened);
                        return;
                    }

                    await output
                        .WriteLineAsync(
                            ForeignText.Line(
                                $"Signed in to {signedIn.StartUrl} until {signedIn.ExpiresAt?.ToLocalTime():yyyy-MM-dd HH:mm}."
                            )
                        )
                        .ConfigureAwait(false);
                    lifetime.End("Signed in");
                }
                catch (AwsException e)
                {
                    error.Say($"rds-tunnel: {e.Message} ({e.Code})");
                    lifetime.End("Not signed in", ExitCode.NotOpened);
                }
            })
            .ConfigureAwait(false);
    }

    private static string Describe(AuthorizationRequest request) =>
        $"Open this page in a browser:\n  {request.Url.AbsoluteUri}"
        + (request.UserCode is { } code ? $"\nand confirm the code {code}." : "");
}
