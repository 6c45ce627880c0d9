using System.Reflection;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Databases;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

public class SecretCredentialsTests
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(15);
    private readonly FakeTimeProvider _time = new();
    private readonly Secrets _secrets = new();

    [Fact]
    public async Task Get_ByManyAtOnce_ReadsTheSecretOnce()
    {
        var credentials = Credentials();
        var all = Enumerable.Range(0, 20).Select(_ => credentials.GetAsync(CancellationToken.None)).ToList();
        _secrets.Answer(new DatabaseSecret("first", "app"));

        foreach (var each in await Task.WhenAll(all))
        {
            Assert.Equal(("app", "first"), (each.User, Encoding.UTF8.GetString(each.Password.Span)));
        }

        Assert.Equal(1, _secrets.Reads);
    }

    [Fact]
    public async Task Get_Within15Seconds_GivesTheSame_AndWhatTheSecretSaysAfterwards()
    {
        var credentials = Credentials();
        _secrets.Answer(new DatabaseSecret("first", "app"));
        Assert.Equal("first", await PasswordAsync(credentials));
        _time.Advance(Kept - TimeSpan.FromMilliseconds(1));
        Assert.Equal("first", await PasswordAsync(credentials));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _secrets.Answer(new DatabaseSecret("rotated", "app"));
        Assert.Equal("rotated", await PasswordAsync(credentials));
    }

    [Fact]
    public async Task GetOthers_TheSecretWasRotatedSince_GivesWhatItSaysNow()
    {
        var credentials = Credentials();
        _secrets.Answer(new DatabaseSecret("first", "app"));
        using var refused = await credentials.GetAsync(CancellationToken.None);
        _secrets.Answer(new DatabaseSecret("rotated", "app"));
        using var others = await credentials.GetOthersAsync(refused, CancellationToken.None);
        Assert.Equal("rotated", Encoding.UTF8.GetString(others!.Password.Span));
        // Who was refused at the same time gets what has been read for this one.
        using var again = await credentials.GetOthersAsync(refused, CancellationToken.None);
        Assert.Equal("rotated", Encoding.UTF8.GetString(again!.Password.Span));
        Assert.Equal(2, _secrets.Reads);
    }

    [Fact]
    public async Task GetOthers_TheSecretSaysTheSame_GivesNothing_AndTheNextReadsItAnew()
    {
        var credentials = Credentials();
        _secrets.Answer(new DatabaseSecret("first", "app"));
        using var refused = await credentials.GetAsync(CancellationToken.None);
        Assert.Null(await credentials.GetOthersAsync(refused, CancellationToken.None));
        _secrets.Answer(new DatabaseSecret("rotated", "app"));
        Assert.Equal("rotated", await PasswordAsync(credentials));
    }

    [Fact]
    public async Task GetOthers_TheSecretCannotBeRead_GivesNothing()
    {
        var credentials = Credentials();
        _secrets.Answer(new DatabaseSecret("first", "app"));
        using var refused = await credentials.GetAsync(CancellationToken.None);
        _secrets.Fail(new AwsException(AwsErrorCode.AccessDenied, "Denied."));
        Assert.Null(await credentials.GetOthersAsync(refused, CancellationToken.None));
    }

    [Fact]
    public async Task Get_AfterAFailure_AsksAgain()
    {
        var credentials = Credentials();
        _secrets.Fail(new AwsException(AwsErrorCode.AccessDenied, "Denied."));
        var failure = await Assert.ThrowsAsync<AwsException>(() => credentials.GetAsync(CancellationToken.None));
        Assert.Equal((AwsErrorCode.AccessDenied, "The secret orders couldn't be read. Denied."), (failure.Code, failure.Message));
        _secrets.Answer(new DatabaseSecret("first", "app"));
        Assert.Equal("first", await PasswordAsync(credentials));
    }

    [Fact]
    public async Task Get_OneWhoLeaves_TakesItFromNobody()
    {
        var credentials = Credentials();
        using var leaving = new CancellationTokenSource();
        var first = credentials.GetAsync(leaving.Token);
        var second = credentials.GetAsync(CancellationToken.None);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _secrets.Answer(new DatabaseSecret("first", "app"));
        Assert.Equal("first", Encoding.UTF8.GetString((await second).Password.Span));
        Assert.Equal(1, _secrets.Reads);
    }

    [Fact]
    public async Task Get_OneWhoIsDone_OverwritesOnlyItsOwn()
    {
        var credentials = Credentials();
        _secrets.Answer(new DatabaseSecret("first", "app"));
        var one = await credentials.GetAsync(CancellationToken.None);
        using var other = await credentials.GetAsync(CancellationToken.None);
        one.Dispose();
        Assert.True(one.Password.Span.TrimStart((byte)0).IsEmpty);
        Assert.Equal("first", Encoding.UTF8.GetString(other.Password.Span));
    }

    [Theory]
    [InlineData("admin", null, "admin")]
    [InlineData("admin", "app", "app")]
    [InlineData(null, "app", "app")]
    public async Task Get_UserOfTheTunnel_GoesBeforeTheSecrets(string? ofSecret, string? ofTunnel, string expected)
    {
        var credentials = Credentials(ofTunnel);
        _secrets.Answer(new DatabaseSecret("first", ofSecret));
        using var got = await credentials.GetAsync(CancellationToken.None);
        Assert.Equal(expected, got.User);
    }

    [Fact]
    public async Task Get_NobodyNamesAUser_SaysWhatToDoWhereOneIsNeeded_AndNothingOfThePassword()
    {
        var credentials = Credentials();
        _secrets.Answer(new DatabaseSecret("first"));
        using var got = await credentials.GetAsync(CancellationToken.None);
        Assert.False(got.HasUser); // Redis can do with the password alone
        var failure = Assert.Throws<LoginException>(() => got.User);
        Assert.Equal("The secret orders has no user. Add a user to the tunnel's login.", failure.Message);
    }

    private SecretCredentials Credentials(string? user = null) =>
        new(
            _secrets,
            new TunnelRequest
            {
                Host = "db.example",
                Port = 5432,
                Login = LoginKind.Secret,
                SecretId = "orders",
                User = user,
            },
            _time
        );

    private static async Task<string> PasswordAsync(SecretCredentials credentials)
    {
        using var got = await credentials.GetAsync(CancellationToken.None);
        return Encoding.UTF8.GetString(got.Password.Span);
    }

    /// <summary>A Secrets Manager that is asked for one secret and answers when it is told to.</summary>
    private sealed class Secrets : IInventories
    {
        private TaskCompletionSource<DatabaseSecret> _next = New();

        public int Reads { get; private set; }

        public TimeSpan ClockOffset => TimeSpan.Zero;

        public void Answer(DatabaseSecret secret) => Next().SetResult(secret);

        public void Fail(Exception failure) => Next().SetException(failure);

        public IInventory InventoryOf(AwsScope scope)
        {
            var inventory = DispatchProxy.Create<IInventory, Inventory>();
            ((Inventory)(object)inventory).Read = secretId =>
            {
                Assert.Equal("orders", secretId);
                Reads++;
                return _next.Task;
            };
            return inventory;
        }

        // One that has been answered already is what the former reads got.
        private TaskCompletionSource<DatabaseSecret> Next() => _next.Task.IsCompleted ? _next = New() : _next;

        private static TaskCompletionSource<DatabaseSecret> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

#pragma warning disable CA1852 // a proxy derives from it
    private class Inventory : DispatchProxy
#pragma warning restore CA1852
    {
        public Func<string, Task<DatabaseSecret>> Read { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod?.Name == nameof(IInventory.ReadSecretAsync) ? Read((string)args![0]!) : throw new NotSupportedException();
    }
}
