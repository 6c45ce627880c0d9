using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RdsTunnel.Databases.MySql;
using RdsTunnel.Databases.Tests.Signatures;

namespace RdsTunnel.Databases.Tests.MySql;

/// <summary>A server of which every answer can be chosen. It checks passwords as servers do, by
/// what they keep of them, and counts every packet.</summary>
internal sealed class FakeMySql(X509Certificate2 certificate)
{
    public const Capability AllCapabilities = (Capability)0xffff_ffff;
    private byte _sequence;

    public string Plugin { get; init; } = Plugins.Native;

    /// <summary>Asked for after the response; null for none.</summary>
    public string? SwitchTo { get; init; }

    public Capability Capabilities { get; init; } = AllCapabilities;

    public string User { get; init; } = "app";

    public byte[] Password { get; init; } = "s3cret"u8.ToArray();

    /// <summary>Whether caching_sha2_password remembers the password.</summary>
    public bool IsCached { get; init; }

    /// <summary>Of parsec: 1,024 iterations, doubled so often.</summary>
    public byte IterationFactor { get; init; }

    /// <summary>Puts a byte before parsec's salt, as servers may.</summary>
    public bool EscapesSalt { get; init; }

    /// <summary>Sent in the greeting's place.</summary>
    public ErrorPacket? FirstError { get; init; }

    /// <summary>Takes the connection and says nothing.</summary>
    public bool IsSilent { get; init; }

    public bool GoesAfterTheGreeting { get; init; }

    /// <summary>Sent in the greeting's place; then it closes.</summary>
    public byte[]? FirstBytes { get; init; }

    /// <summary>Sent, one packet each, in place of every answer to the response; an answer to a switch, or to parsec's salt, is
    /// read. Then it closes.</summary>
    public IReadOnlyList<byte[]>? Script { get; init; }

    public byte[] Nonce { get; } = [.. Enumerable.Range(1, Greeting.NonceBytes).Select(i => (byte)i)];

    public byte[]? SslRequest { get; private set; }

    public HandshakeResponse? Response { get; private set; }

    public Greeting Greeting => new("8.0.40-fake"u8.ToArray(), 4711, Capabilities, 45, 2, [0, 0, 0, 0, 0, 0, 0x1d, 0, 0, 0], Nonce, Plugin);

    /// <summary>Serves one connection; returns it signed in, or null when it was refused.</summary>
    public async Task<Stream?> ServeAsync(Stream stream)
    {
        _sequence = 0;
        var packets = new PacketStream(stream);
        if (IsSilent)
        {
            return null;
        }

        if (FirstBytes is { } bytes)
        {
            await stream.WriteAsync(bytes);
            await stream.DisposeAsync();
            return null;
        }

        if (FirstError is { } first)
        {
            await SendAsync(packets, first.Write);
            return null;
        }

        await SendAsync(packets, Greeting.Write);
        if (GoesAfterTheGreeting)
        {
            await stream.DisposeAsync();
            return null;
        }

        SslRequest = (await ReadAsync(packets)).ToArray();
        Assert.True(HandshakeResponse.IsSslRequest(SslRequest));
        var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(certificate);
        packets = new PacketStream(tls);
        Response = HandshakeResponse.Read((await ReadAsync(packets)).Span);
        if (Script is { } script)
        {
            foreach (var payload in script)
            {
                await SendAsync(packets, writer => writer.Bytes(payload));
                if (payload is [0xfe, ..] or [(byte)'P', ..])
                {
                    await ReadAsync(packets);
                }
            }

            await tls.DisposeAsync();
            return null;
        }

        var plugin = Response.Plugin!;
        var answer = Response.Answer;
        var nonce = Nonce;
        if (SwitchTo is { } other)
        {
            plugin = other;
            var isLong = other is Plugins.ClientEd25519 or Plugins.Parsec;
            // As MariaDB sends it, without a zero behind it; one of its own is the last.
            nonce = isLong ? [.. Nonce, .. Nonce[..11], 0] : [.. Nonce.Reverse()];
            await SendAsync(packets, new AuthSwitchRequest(other, isLong ? nonce : [.. nonce, 0]).Write);
            answer = await ReadAsync(packets);
        }

        var isRight = Encoding.UTF8.GetString(Response.User) == User && await CheckAsync(packets, plugin, answer, nonce);
        if (!isRight)
        {
            await SendAsync(packets, new ErrorPacket(1045, "28000", "Access denied for user (fake)").Write);
            return null;
        }

        await SendAsync(packets, writer => writer.Bytes([0, 0, 0, 2, 0, 0, 0]));
        return tls;
    }

    private async Task<bool> CheckAsync(PacketStream packets, string plugin, ReadOnlyMemory<byte> answer, byte[] nonce)
    {
        switch (plugin)
        {
            case Plugins.ClearText or Plugins.Sha256:
                return answer.Span.SequenceEqual((byte[])[.. Password, 0]);
            case Plugins.Native:
#pragma warning disable CA5350 // what the protocol says
                var stored = SHA1.HashData(SHA1.HashData(Password));
                return SHA1.HashData(Xor(answer.Span, SHA1.HashData([.. nonce, .. stored]))).AsSpan().SequenceEqual(stored);
#pragma warning restore CA5350
            case Plugins.CachingSha2 when IsCached:
                var kept = SHA256.HashData(SHA256.HashData(Password));
                if (!SHA256.HashData(Xor(answer.Span, SHA256.HashData([.. kept, .. nonce]))).AsSpan().SequenceEqual(kept))
                {
                    return false;
                }

                await SendAsync(packets, writer => writer.Bytes([1, 3]));
                return true;
            case Plugins.CachingSha2:
                await SendAsync(packets, writer => writer.Bytes([1, 4]));
                return (await ReadAsync(packets)).Span.SequenceEqual((byte[])[.. Password, 0]);
            case Plugins.ClientEd25519:
                return ReferenceEd25519.Verify(ReferenceEd25519.PublicKey(Password), nonce, answer.Span);
            case Plugins.Parsec:
                return answer.IsEmpty && await CheckParsecAsync(packets, nonce);
            default:
                return false;
        }
    }

    private async Task<bool> CheckParsecAsync(PacketStream packets, byte[] nonce)
    {
        byte[] salt = [.. Enumerable.Range(100, 18).Select(i => (byte)i)];
        await SendAsync(packets, writer => writer.Bytes([.. EscapesSalt ? [1] : (byte[])[], (byte)'P', IterationFactor, .. salt]));
        var answer = await ReadAsync(packets);
        var seed = Rfc2898DeriveBytes.Pbkdf2(Password, salt, 1024 << IterationFactor, HashAlgorithmName.SHA512, 32);
        return answer.Length == 96
            && ReferenceEd25519.Verify(ReferenceEd25519.PublicKey(seed), [.. nonce, .. answer.Span[..32]], answer.Span[32..]);
    }

    private static byte[] Xor(ReadOnlySpan<byte> one, byte[] other) => [.. one.ToArray().Zip(other, (a, b) => (byte)(a ^ b))];

    private async Task<ReadOnlyMemory<byte>> ReadAsync(PacketStream packets)
    {
        var packet = await packets.ReadAsync(mayBeEmpty: true, CancellationToken.None);
        Assert.Equal(_sequence++, packet.Sequence);
        return packet.Payload;
    }

    private async Task SendAsync(PacketStream packets, Action<PayloadWriter> write)
    {
        using var writer = new PayloadWriter();
        write(writer);
        await packets.WriteAsync(new Packet(_sequence++, writer.Written), CancellationToken.None);
    }
}
