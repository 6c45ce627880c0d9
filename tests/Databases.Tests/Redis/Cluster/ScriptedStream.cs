using System.Text;

namespace RdsTunnel.Databases.Tests.Redis.Cluster;

/// <summary>A server whose replies are known beforehand, and come in pieces.</summary>
/// <param name="pieces">How long the next piece may be.</param>
internal sealed class ScriptedStream(byte[] replies, Func<int> pieces) : DuplexStream
{
    private readonly MemoryStream _heard = new();
    private int _at;

    public ScriptedStream(string replies, int piece = 7)
        : this(Encoding.UTF8.GetBytes(replies), () => piece) { }

    public byte[] Script => replies;

    public byte[] Heard => _heard.ToArray();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var part = Math.Min(Math.Min(pieces(), buffer.Length), replies.Length - _at);
        replies.AsSpan(_at, part).CopyTo(buffer.Span);
        _at += part;
        return ValueTask.FromResult(part);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _heard.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
