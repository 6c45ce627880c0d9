using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Aws.Composition;
using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Aws.Tests.Support;
using RdsTunnel.Emulator;
using RdsTunnel.Emulator.IdentityCenter;
using RdsTunnel.Emulator.Signing;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>This computer's clock is twenty minutes off, AWS's is right: the AWS here is shifted
/// instead, which looks the same from this side.</summary>
public sealed class WrongClockTests
{
    private const string DatabaseHost = "orders.abc.eu-west-1.rds.amazonaws.com";

    private static readonly AwsScope Scope = new(Region: "eu-west-1");

    [Theory]
    [InlineData(20)]
    [InlineData(-20)]
    public async Task CreateIamToken_AfterAnAnswer_BearsTheTimeAtAws(int minutes)
    {
        await using var aws = await Aws.StartAsync(minutes);
        var inventory = aws.Services.InventoryOf(Scope);
        await inventory.GetIdentityAsync(CancellationToken.None);

        var token = await inventory.CreateIamTokenAsync(DatabaseService.Rds, DatabaseHost, 5432, "jane", CancellationToken.None);
        var now = TimeProvider.System.GetUtcNow().AddMinutes(minutes);
        var date = token.Token.Split("X-Amz-Date=")[1][..16];
        Assert.Equal(now, DateTimeOffset.ParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture), AwsClock.Tolerance * 2);
        Assert.Equal(now.AddMinutes(15), token.ExpiresAt, AwsClock.Tolerance * 2);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(-20)]
    public async Task StartSession_IsAccepted(int minutes)
    {
        await using var aws = await Aws.StartAsync(minutes);
        var started = await aws
            .Services.For(Scope)
            .StartSessionAsync(new PortSessionRequest("i-0123456789abcdef0", "127.0.0.1", 5432), CancellationToken.None);
        Assert.StartsWith("jane.doe+dev@example.com-", started.SessionId, StringComparison.Ordinal);

        var signature = await aws.Services.For(Scope).SignChannelAsync(started.StreamUrl, CancellationToken.None);
        var date = signature!.Headers.Single(header => header.Key == "X-Amz-Date").Value;
        Assert.Equal(
            TimeProvider.System.GetUtcNow().AddMinutes(minutes),
            DateTimeOffset.ParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
            AwsClock.Tolerance * 2
        );
    }

    // A token that ends in twenty minutes, for a clock that is 25 minutes ahead over, and for one that is behind fresh.
    [Theory]
    [InlineData(25)]
    [InlineData(-25)]
    public async Task Credentials_OfIdentityCenter_AreFetchedOnceAndKeptAsLongAsAwsSays(int minutes)
    {
        await using var aws = await Aws.StartAsync(minutes, roleCredentialsLifetime: TimeSpan.FromMinutes(20));
        using var browser = new Browser();
        var asked = new TaskCompletionSource<AuthorizationRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
        var signingIn = aws.Services.SignIn.SignInAsync(
            new SsoReference("dev"),
            SignInFlow.AuthorizationCode,
            asked.SetResult,
            CancellationToken.None
        );
        await browser.AllowAsync((await asked.Task).Url);
        Assert.True((await signingIn).IsSignedIn);

        var credentials = aws.Services.CredentialsOf(new AwsSettings("dev", "eu-central-1", null, false, false));
        var first = await credentials.GetCredentialsAsync();
        Assert.Equal(first.AccessKey, (await credentials.GetCredentialsAsync()).AccessKey);
    }

    private sealed class Aws(EmulatorServer emulator, DirectoryInfo home) : IAsyncDisposable
    {
        public AwsServices Services { get; } =
            new(
                TimeProvider.System,
                new CollectedLogs(),
                new FakeMfaCodes(),
                new Dictionary<string, string>
                {
                    ["HOME"] = home.FullName,
                    ["AWS_ACCESS_KEY_ID"] = EmulatedCredential.Default.AccessKeyId,
                    ["AWS_SECRET_ACCESS_KEY"] = EmulatedCredential.Default.SecretAccessKey,
                    ["AWS_ENDPOINT_URL"] = emulator.Endpoint.AbsoluteUri,
                }.GetValueOrDefault
            );

        public static async Task<Aws> StartAsync(int minutesAhead, TimeSpan? roleCredentialsLifetime = null)
        {
            var home = Directory.CreateTempSubdirectory("rds-tunnel-clock-");
            await File.WriteAllTextAsync(
                Path.Combine(home.CreateSubdirectory(".aws").FullName, "config"),
                """
                [sso-session acme]
                sso_start_url = https://acme.awsapps.com/start
                sso_region = eu-west-1

                [profile dev]
                sso_session = acme
                sso_account_id = 111122223333
                sso_role_name = Developer
                """
            );
            var center = IdentityCenterOptions.Default;
            return new Aws(
                await EmulatorServer.StartAsync(
                    new EmulatorOptions
                    {
                        IdentityCenter = center with
                        {
                            RoleCredentialsLifetime = roleCredentialsLifetime ?? center.RoleCredentialsLifetime,
                        },
                    },
                    new ShiftedTime(TimeSpan.FromMinutes(minutesAhead)),
                    NullLoggerFactory.Instance
                ),
                home
            );
        }

        public async ValueTask DisposeAsync()
        {
            Services.Dispose();
            await emulator.DisposeAsync();
            home.Delete(recursive: true);
        }
    }
}
