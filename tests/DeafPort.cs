using System.Net;
using System.Net.Sockets;

namespace RdsTunnel.Tests;

/// <summary>A port on 127.0.0.1 that refuses whoever connects, and that nobody else gets while this lives: bound, but not listening.</summary>
internal sealed class DeafPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public DeafPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();
}
