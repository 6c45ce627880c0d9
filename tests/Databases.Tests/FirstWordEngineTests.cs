using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Databases.Tests.Support;

namespace RdsTunnel.Databases.Tests;

public class FirstWordEngineTests
{
    private static readonly TimeSpan ToolTime = TimeSpan.FromMilliseconds(200);
    private readonly FakeTimeProvider _time = new();
    private readonly Recorder _redis = new();
    private readonly Recorder _toolFirst = new();
    private readonly Recorder _databaseFirst = new() { Dials = true };
    private readonly Login _login = new("orders.example", new X509Certificate2Collection(), Credentials: null);

    [Fact]
    public async Task Tool_ThatSpeaksAtOnce_IsSignedInByTheEngineOfSuchTools_AndNothingIsDialledAhead()
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var dials = 0;
        await tool.WriteAsync(new byte[] { 1, 2, 3 });
        await Engine.SignInAsync(local, _ => Dial(ref dials, new MemoryStream()), _login, CancellationToken.None);

        Assert.Equal([1, 2, 3], _toolFirst.Said);
        Assert.Equal(0, dials);
        Assert.Null(_databaseFirst.Said);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("POST / HTTP/1.1\r\n\r\n")]
    public async Task Stranger_IsToldFromNoProtocolInParticular_AndHearsNothing(string said)
    {
        var (tool, local) = await StreamPair.CreateAsync();
        await tool.WriteAsync(System.Text.Encoding.ASCII.GetBytes(said));
        var engine = new FirstWordEngine(
            new RdsTunnel.Databases.Redis.RedisEngine(_time, isCertain: false),
            new RdsTunnel.Databases.PostgreSql.PostgreSqlEngine(_time),
            new RdsTunnel.Databases.MySql.MySqlEngine(_time),
            _time
        );
        var failure = await Assert.ThrowsAsync<LoginException>(() =>
            engine.SignInAsync(local, _ => throw new InvalidOperationException(), _login, CancellationToken.None)
        );

        Assert.Equal(LoginError.NotTheProtocol, failure.Error);
        Assert.Contains("a database's protocol (PostgreSQL, MySQL, Redis)", failure.Message, StringComparison.Ordinal);
        await local.DisposeAsync();
        Assert.Equal(0, await HeardAsync(tool));
    }

    [Theory]
    [InlineData("*1\r")]
    [InlineData("PIN")]
    public async Task Tool_ThatBeginsAsRedissDo_IsSignedInByRedis(string said)
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var dials = 0;
        await tool.WriteAsync(System.Text.Encoding.ASCII.GetBytes(said));
        await Engine.SignInAsync(local, _ => Dial(ref dials, new MemoryStream()), _login, CancellationToken.None);

        Assert.Equal(said, System.Text.Encoding.ASCII.GetString(_redis.Said!));
        Assert.Null(_toolFirst.Said);
        Assert.Equal(0, dials);
    }

    [Fact]
    public async Task Database_ThatGreets_IsSignedInToByTheOtherEngine_OnTheSameConnection()
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var (near, far) = await StreamPair.CreateAsync();
        var dials = 0;
        var signingIn = Engine.SignInAsync(local, _ => Dial(ref dials, near), _login, CancellationToken.None);
        await far.WriteAsync(new byte[] { 7, 8, 9 });
        _time.Advance(ToolTime);
        await _databaseFirst.Asked;
        await tool.WriteAsync(new byte[] { 1, 2, 3 });
        await signingIn;

        Assert.Equal([7, 8, 9], _databaseFirst.Greeted);
        Assert.Equal([1, 2, 3], _databaseFirst.Said);
        Assert.Equal(1, dials);
    }

    [Fact]
    public async Task Tool_ThatSpeaksLate_IsSignedInOnTheConnectionThatWasMade()
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var (near, far) = await StreamPair.CreateAsync();
        var dialled = new TaskCompletionSource();
        var dials = 0;
        _toolFirst.Dials = true;
        var signingIn = Engine.SignInAsync(
            local,
            _ =>
            {
                dialled.TrySetResult();
                return Dial(ref dials, near);
            },
            _login,
            CancellationToken.None
        );
        _time.Advance(ToolTime);
        await dialled.Task;
        await tool.WriteAsync(new byte[] { 1, 2, 3 });
        await _toolFirst.Asked;
        await far.WriteAsync(new byte[] { 7, 8, 9 });
        await signingIn;

        Assert.Equal([7, 8, 9], _toolFirst.Greeted);
        Assert.Equal([1, 2, 3], _toolFirst.Said);
        Assert.Equal(1, dials);
    }

    [Fact]
    public async Task Database_ThatCannotBeDialled_IsTheFailureOfTheEngineWhoseToolsWait()
    {
        var (_, local) = await StreamPair.CreateAsync();
        var signingIn = Engine.SignInAsync(
            local,
            _ => Task.FromException<Stream>(new LoginException(LoginError.Unavailable, "No session.")),
            _login,
            CancellationToken.None
        );
        _time.Advance(ToolTime);

        Assert.Equal("No session.", (await Assert.ThrowsAsync<LoginException>(() => signingIn)).Message);
        Assert.True(_databaseFirst.Asked.IsCompleted);
    }

    [Fact]
    public async Task Connection_ThatNoEngineTakes_IsClosed()
    {
        var (tool, local) = await StreamPair.CreateAsync();
        var (near, far) = await StreamPair.CreateAsync();
        var dialled = new TaskCompletionSource();
        var dials = 0;
        var signingIn = Engine.SignInAsync(
            local,
            _ =>
            {
                dialled.TrySetResult();
                return Dial(ref dials, near);
            },
            _login,
            CancellationToken.None
        );
        _time.Advance(ToolTime);
        await dialled.Task;
        await tool.WriteAsync(new byte[] { 1, 2, 3 }); // which needs no database
        await signingIn;

        Assert.Equal(0, await far.ReadAsync(new byte[1]));
    }

    private FirstWordEngine Engine => new(_redis, _toolFirst, _databaseFirst, _time);

    private static Task<Stream> Dial(ref int dials, Stream stream)
    {
        dials++;
        return Task.FromResult(stream);
    }

    /// <summary>Reads three bytes of the tool; of the database too, when it dials.</summary>
    // What came before the connection's end, or its reset.
    private static async Task<int> HeardAsync(Stream tool)
    {
        try
        {
            return await tool.ReadAsync(new byte[100]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private sealed class Recorder : IDatabaseEngine
    {
        private readonly TaskCompletionSource _asked = new();

        public bool Dials { get; set; }

        public Task Asked => _asked.Task;

        public byte[]? Said { get; private set; }

        public byte[]? Greeted { get; private set; }

        public async Task<Stream?> SignInAsync(Stream tool, DialDatabase dial, Login login, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            if (Dials)
            {
                Greeted = await ReadAsync(await dial(cancellationToken));
            }

            Said = await ReadAsync(tool);
            return null;
        }

        private static async Task<byte[]> ReadAsync(Stream stream)
        {
            var bytes = new byte[3];
            await stream.ReadExactlyAsync(bytes);
            return bytes;
        }
    }
}
