using System.IO.Pipelines;
using System.Text;

namespace RdsTunnel.Rpc.Tests;

public sealed class FramingTests
{
    private const string Call = """{"jsonrpc":"2.0","id":1,"method":"echo"}""";

    [Fact]
    public async Task Read_MessageSplitAtEveryByte_IsUnderstood()
    {
        var bytes = TestClient.Frame(Call);
        for (var split = 0; split <= bytes.Length; split++)
        {
            await using var client = new TestClient(Echo());
            await client.SendBytesAsync(bytes.AsMemory(0, split));
            await client.SendBytesAsync(bytes.AsMemory(split));
            JsonAssert.Equal("""{"jsonrpc":"2.0","id":1,"result":null}""", await client.ReadAsync());
        }
    }

    [Fact]
    public async Task Read_SeveralMessagesInOneRead_AreAllAnswered()
    {
        await using var client = new TestClient(Echo());
        await client.SendBytesAsync(Enumerable.Range(0, 20).SelectMany(_ => TestClient.Frame(Call.Replace('1', '2'))).ToArray());
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(2, (int)(await client.ReadAsync())["id"]!);
        }
    }

    [Theory]
    [InlineData("content-length: {0}\r\n\r\n")]
    [InlineData("Content-Length:{0}\r\n\r\n")]
    [InlineData("Content-Length:  {0} \r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n")]
    [InlineData("Content-Type: application/vscode-jsonrpc;charset=\"utf8\"\r\nContent-Length: {0}\r\n\r\n")]
    [InlineData("X-Unknown: anything: at all\r\nContent-Length: {0}\r\n\r\n")]
    public async Task Read_HeaderAsClientsWriteIt_IsUnderstood(string header)
    {
        await using var client = new TestClient(Echo());
        await client.SendBytesAsync(Encoding.ASCII.GetBytes(string.Format(null, header, Call.Length) + Call));
        Assert.Equal(1, (int)(await client.ReadAsync())["id"]!);
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("Content-Type: application/json\r\n\r\n")]
    [InlineData("Content-Length: \r\n\r\n")]
    [InlineData("Content-Length: 12x\r\n\r\n")]
    [InlineData("Content-Length: -1\r\n\r\n")]
    [InlineData("Content-Length: 9999999999999999999999\r\n\r\n")]
    [InlineData("Content-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("no colon\r\n\r\n")]
    public async Task Read_BrokenHeader_IsAnsweredAndEndsTheConnection(string header)
    {
        await using var client = new TestClient(Echo());
        await client.SendBytesAsync(Encoding.ASCII.GetBytes(header));
        var answer = await client.ReadAsync();
        JsonAssert.IsError(answer, -32700, "ParseError");
        Assert.Null(answer["id"]);
        Assert.Equal(ConnectionEnd.BrokenFraming, await client.EndAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_HeaderTooLong_EndsTheConnection(bool withEnd)
    {
        await using var client = new TestClient(Echo());
        await client.SendBytesAsync(
            Encoding.ASCII.GetBytes("X: " + new string('x', MessageReader.MaxHeaderBytes) + (withEnd ? "\r\n\r\n" : ""))
        );
        JsonAssert.IsError(await client.ReadAsync(), -32700, "ParseError");
        Assert.Equal(ConnectionEnd.BrokenFraming, await client.EndAsync());
    }

    [Fact]
    public async Task Read_MessageTooLong_IsRefusedAndTheNextOneRead()
    {
        await using var client = new TestClient(Echo());
        await client.SendAsync(new string(' ', MessageReader.MaxMessageBytes + 1));
        await client.SendAsync(Call);
        JsonAssert.IsError(await client.ReadAsync(), -32600, "InvalidRequest");
        Assert.Equal(1, (int)(await client.ReadAsync())["id"]!);
    }

    [Fact]
    public async Task Read_MessageOfTheGreatestLength_IsRead()
    {
        await using var client = new TestClient(Echo());
        await client.SendAsync(Call.PadRight(MessageReader.MaxMessageBytes));
        Assert.Equal(1, (int)(await client.ReadAsync())["id"]!);
    }

    [Fact]
    public async Task Read_LongerThanMemoryCouldHold_IsSkippedWithoutBeingKept()
    {
        const long LengthBytes = 256L * 1024 * 1024;
        var input = new MemoryStream(Encoding.ASCII.GetBytes($"Content-Length: {LengthBytes}\r\n\r\n"));
        var reader = new MessageReader(PipeReader.Create(new Followed(input, LengthBytes)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        await Assert.ThrowsAsync<InvalidMessageException>(() => reader.ReadAsync(default).AsTask());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MessageReader.MaxMessageBytes);
        Assert.Null(await reader.ReadAsync(default));
    }

    [Fact]
    public async Task Read_OtherCharset_IsRefusedAndTheNextMessageRead()
    {
        await using var client = new TestClient(Echo());
        await client.SendBytesAsync(
            Encoding.ASCII.GetBytes($"Content-Length: {Call.Length}\r\nContent-Type: application/json; charset=utf-16\r\n\r\n{Call}")
        );
        await client.SendAsync(Call);
        JsonAssert.IsError(await client.ReadAsync(), -32700, "ParseError");
        Assert.Equal(1, (int)(await client.ReadAsync())["id"]!);
    }

    [Fact]
    public async Task Read_InputEndsBetweenMessages_EndsTheConnection()
    {
        await using var client = new TestClient(Echo());
        await client.SendAsync(Call);
        await client.CloseInputAsync();
        Assert.Equal(1, (int)(await client.ReadAsync())["id"]!);
        Assert.Null(await client.TryReadAsync());
        Assert.Equal(ConnectionEnd.InputClosed, await client.EndAsync());
    }

    [Theory]
    [InlineData("Content-Le")]
    [InlineData("Content-Length: 10\r\n\r\n{}")]
    [InlineData("Content-Length: 99999999999\r\n\r\n{}")]
    public async Task Read_InputEndsWithinAMessage_EndsTheConnection(string part)
    {
        await using var client = new TestClient(Echo());
        await client.SendBytesAsync(Encoding.ASCII.GetBytes(part));
        await client.CloseInputAsync();
        Assert.Equal(ConnectionEnd.InputClosed, await client.EndAsync());
    }

    private static FakeTarget Echo() => new((_, _) => Task.CompletedTask);

    /// <summary>A stream, then zeros.</summary>
    private sealed class Followed(Stream first, long zeros) : MemoryStream
    {
        private long _left = zeros;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = first.Read(buffer.Span);
            if (count == 0)
            {
                count = (int)Math.Min(buffer.Length, _left);
                buffer.Span[..count].Clear();
                _left -= count;
            }

            return ValueTask.FromResult(count);
        }
    }
}
