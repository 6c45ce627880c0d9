using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RdsTunnel.Databases.Redis.Protocol;

/// <summary>Commands and errors, as they are sent.</summary>
internal static class RespWriter
{
    public const string AnyError = "ERR";

    public static readonly byte[] Ok = "+OK\r\n"u8.ToArray();

    /// <summary>Pinned: it may hold a password, which its owner overwrites.</summary>
    public static byte[] Command(params ReadOnlySpan<ReadOnlyMemory<byte>> arguments)
    {
        var length = Header('*', arguments.Length).Length;
        foreach (var argument in arguments)
        {
            length += Header('$', argument.Length).Length + argument.Length + 2;
        }

        var bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        var rest = Put(bytes, Header('*', arguments.Length));
        foreach (var argument in arguments)
        {
            rest = Put(Put(Put(rest, Header('$', argument.Length)), argument.Span), "\r\n"u8);
        }

        return bytes;
    }

    /// <summary>Overwrites a command once it is sent.</summary>
    public static async Task SendSecretAsync(Stream stream, byte[] command, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(command, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(command);
        }
    }

    /// <summary>In one line, whatever it says.</summary>
    public static byte[] Error(string text, string code = AnyError) =>
        Encoding.UTF8.GetBytes($"-{code} {text.ReplaceLineEndings(" ")}\r\n");

    private static byte[] Header(char type, int number) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{type}{number}\r\n"));

    private static Span<byte> Put(Span<byte> into, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(into);
        return into[bytes.Length..];
    }
}
