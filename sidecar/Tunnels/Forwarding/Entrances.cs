using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels.Local;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Where a tunnel's connections come in: its port, and a socket file where one was asked for.</summary>
internal sealed class Entrances : IAsyncDisposable
{
    private readonly LocalForwarder _ofPort;
    private readonly LocalForwarder? _ofFile;

    private Entrances(LocalForwarder ofPort, LocalForwarder? ofFile, int port, string? socketPath) =>
        (_ofPort, _ofFile, Port, SocketPath) = (ofPort, ofFile, port, socketPath);

    public int Port { get; }

    public string? SocketPath { get; }

    /// <param name="serve">Serves a connection, and disposes of it; its token ends it.</param>
    /// <exception cref="TunnelException">The port cannot be bound, or the file not be made.</exception>
    public static Entrances Open(
        TunnelRequest request,
        LocalAccess access,
        Func<Socket, CancellationToken, Task> serve,
        TimeProvider time,
        ILogger logger
    )
    {
        var port = LocalPort.Listen(request.LocalPort);
        var number = ((IPEndPoint)port.LocalEndPoint!).Port;
        Socket? file;
        try
        {
            file = request.Socket ? SocketFile.Listen(access.SocketFolder, request.Port, number) : null;
        }
        catch
        {
            port.Dispose();
            throw;
        }

        return new(
            new LocalForwarder(port, number, access.OthersMayConnect, serve, time, logger),
            file is null ? null : new LocalForwarder(file, number, othersMay: false, serve, time, logger),
            number,
            file?.LocalEndPoint?.ToString()
        );
    }

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_ofPort.DisposeAsync().AsTask(), _ofFile?.DisposeAsync().AsTask() ?? Task.CompletedTask).ConfigureAwait(false);
}
