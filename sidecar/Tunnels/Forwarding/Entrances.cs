using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RdsTunnel.Tunnels.Local;
using RdsTunnel.Tunnels.Measures;

namespace RdsTunnel.Tunnels.Forwarding;

/// <summary>Where a tunnel's connections come in: its port, and a socket file where one was asked for; with the file that a tool
/// verifies them by, where they offer TLS.</summary>
internal sealed class Entrances : IAsyncDisposable
{
    private readonly LocalForwarder _ofPort;
    private readonly LocalForwarder? _ofFile;
    private readonly LocalTls? _tls;
    private readonly CertificateFile? _certificate;

    private Entrances(
        LocalForwarder ofPort,
        LocalForwarder? ofFile,
        LocalTls? tls,
        CertificateFile? certificate,
        int port,
        string? socketPath
    ) => (_ofPort, _ofFile, _tls, _certificate, Port, SocketPath) = (ofPort, ofFile, tls, certificate, port, socketPath);

    public int Port { get; }

    public string? SocketPath { get; }

    public string? CertificatePath => _certificate?.Path;

    /// <param name="serve">Serves a connection, and disposes of it; its token ends it.</param>
    /// <param name="tls">What they offer, disposed of with them; null for none.</param>
    /// <param name="onRefused">Told of each that is not served.</param>
    /// <exception cref="TunnelException">The port cannot be bound, a file not be made, or too many are open.</exception>
    public static Entrances Open(
        TunnelRequest request,
        LocalAccess access,
        LocalTls? tls,
        Func<Socket, CancellationToken, Task> serve,
        Action<RefusalReason> onRefused,
        TimeProvider time,
        ILogger logger
    )
    {
        if (!DescriptorBudget.OfProcess.TryTakeTunnel())
        {
            tls?.Dispose();
            throw new TunnelException(
                TunnelErrorCode.LocalPortDenied,
                "As many tunnels and connections are open as this system's open file limit allows. Close some, or raise the limit (ulimit -n)."
            );
        }

        Socket? port = null;
        Socket? file;
        CertificateFile? certificate = null;
        int number;
        try
        {
            port = LocalPort.ListenToStay(access.Address, request.LocalPort);
            number = ((IPEndPoint)port.LocalEndPoint!).Port;
            certificate = tls is null ? null : CertificateFile.Write(access.CertificateFolder, number, tls.Pem);
            file =
                !request.Socket ? null
                : access.SocketPathOf is { } pathOf && !OperatingSystem.IsWindows()
                    ? SocketFile.ListenAt(pathOf(request), access.OthersMayConnect)
                : SocketFile.Listen(access.SocketFolder, request.Port, number);
        }
        catch
        {
            certificate?.Dispose();
            port?.Dispose();
            tls?.Dispose();
            DescriptorBudget.OfProcess.ReturnTunnel();
            throw;
        }

        return new(
            new LocalForwarder(port, number, access.OthersMayConnect || access.IsOfNetwork, serve, onRefused, time, logger),
            file is null
                ? null
                : new LocalForwarder(
                    file,
                    number,
                    access.SocketPathOf is not null && access.OthersMayConnect,
                    serve,
                    onRefused,
                    time,
                    logger
                ),
            tls,
            certificate,
            number,
            file?.LocalEndPoint?.ToString()
        );
    }

    /// <summary>Lets nobody in any more; completes when the connections that are there have ended.</summary>
    public Task DrainAsync() => Task.WhenAll(_ofPort.DrainAsync(), _ofFile?.DrainAsync() ?? Task.CompletedTask);

    public async ValueTask DisposeAsync()
    {
        // While the port is still this tunnel's, so that it is not another one's file.
        _certificate?.Dispose();
        await Task.WhenAll(_ofPort.DisposeAsync().AsTask(), _ofFile?.DisposeAsync().AsTask() ?? Task.CompletedTask).ConfigureAwait(false);
        _tls?.Dispose();
        DescriptorBudget.OfProcess.ReturnTunnel();
    }
}
