using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RdsTunnel.Databases.MySql;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>A client that speaks plain text, and checks the numbers of what it gets.</summary>
internal sealed class FakeTool
{
    public const Capability Usual =
        Capability.Protocol41
        | Capability.SecureConnection
        | Capability.PluginAuth
        | Capability.PluginAuthLengthEncoded
        | Capability.ConnectWithDatabase
        | Capability.ConnectAttributes;

    public static readonly byte[] Attributes = [4, .. "name"u8, 4, .. "test"u8];

    private PacketStream _packets;
    private byte _sequence;

    public FakeTool(Stream stream) => _packets = new PacketStream(stream);

    public Stream Stream => _packets.Stream;

    public static HandshakeResponse Response(string plugin = Plugins.Native, byte[]? answer = null, Capability capabilities = Usual) =>
        new(capabilities, 1 << 24, 45, new byte[23], "whoever"u8.ToArray(), answer ?? [], "orders"u8.ToArray(), plugin, Attributes);

    public async Task<Packet> ReadAsync()
    {
        var packet = await _packets.ReadAsync(mayBeEmpty: true, CancellationToken.None);
        Assert.Equal(_sequence++, packet.Sequence);
        return packet;
    }

    /// <summary>Asks for TLS, and goes on within it.</summary>
    public async Task EncryptAsync(X509Certificate2 trusted)
    {
        await SendAsync(Response(capabilities: Usual | Capability.Ssl).WriteSslRequest);
        var tls = new SslStream(
            Stream,
            leaveInnerStreamOpen: true,
            (_, shown, _, _) => shown?.GetCertHashString() == trusted.GetCertHashString()
        );
        await tls.AuthenticateAsClientAsync("localhost");
        _packets = new PacketStream(tls);
    }

    public async Task<Greeting> ReadGreetingAsync() => Greeting.Read((await ReadAsync()).Payload.Span);

    public async Task<ErrorPacket> ReadErrorAsync()
    {
        var packet = await ReadAsync();
        Assert.True(packet.IsError, Encoding.UTF8.GetString(packet.Payload.Span));
        return ErrorPacket.Read(packet.Payload.Span);
    }

    public async Task SendAsync(Action<PayloadWriter> write)
    {
        using var writer = new PayloadWriter();
        write(writer);
        await _packets.WriteAsync(new Packet(_sequence++, writer.Written), CancellationToken.None);
    }
}
