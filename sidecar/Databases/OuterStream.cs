using System.Net.Security;

namespace RdsTunnel.Databases;

/// <summary>A stream around another one, which belongs to it.</summary>
public abstract class OuterStream(Stream inner) : DuplexStream
{
    protected Stream Inner => inner;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override Task EndOutputAsync() =>
        inner switch
        {
            SslStream tls => tls.ShutdownAsync(),
            DuplexStream stream => stream.EndOutputAsync(),
            _ => Task.CompletedTask,
        };

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
