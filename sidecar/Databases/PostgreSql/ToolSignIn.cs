using System.Buffers.Binary;
using System.Text;

namespace RdsTunnel.Databases.PostgreSql;

/// <summary>Asks a tool for the local password, as a server that wants SCRAM-SHA-256. The
/// AuthenticationOk is left to the database.</summary>
internal static class ToolSignIn
{
    /// <summary>Clients' messages have some hundred bytes.</summary>
    private const int MaxBodyBytes = 4096;
    private const int HeaderBytes = 5;

    /// <exception cref="LoginException">The password is wrong, or the tool cannot do this.</exception>
    /// <exception cref="ToolGoneException">It has closed its connection, as tools do to ask their user for a password.</exception>
    public static async Task RequireAsync(
        ToolConnection tool,
        LocalPassword password,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var (isRight, final) = await Patience
            .WithinAsync(
                token => JudgeAsync(tool, password, token),
                "The program didn't answer the request for the local password",
                time,
                cancellationToken
            )
            .ConfigureAwait(false);
        await password.RequireAsync(isRight, cancellationToken).ConfigureAwait(false);
        await tool.WriteAsync(SaslMessages.Request(SaslMessages.Final, final), cancellationToken).ConfigureAwait(false);
    }

    private static async Task<(bool IsRight, byte[] Final)> JudgeAsync(
        ToolConnection tool,
        LocalPassword password,
        CancellationToken cancellationToken
    )
    {
        var scram = new ScramServer(ScramVerifier.Of(password));
        await tool.WriteAsync(
                SaslMessages.Request(SaslMessages.Sasl, Encoding.ASCII.GetBytes($"{ScramServer.Mechanism}\0\0")),
                cancellationToken
            )
            .ConfigureAwait(false);
        var first =
            SaslMessages.ReadInitial(await ReadAsync(tool, cancellationToken).ConfigureAwait(false), ScramServer.Mechanism)
            ?? throw Unsupported();
        var answer = scram.Answer(first.Span) ?? throw Unsupported();
        await tool.WriteAsync(SaslMessages.Request(SaslMessages.Continue, answer), cancellationToken).ConfigureAwait(false);
        return scram.Judge((await ReadAsync(tool, cancellationToken).ConfigureAwait(false)).Span) ?? throw Unsupported();
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(ToolConnection tool, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        await tool.ReadExactlyAsync(header, cancellationToken).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4L;
        if (header[0] != PostgreSqlFrame.Password || length is < 0 or > MaxBodyBytes)
        {
            throw Unsupported();
        }

        var body = new byte[length];
        await tool.ReadExactlyAsync(body, cancellationToken).ConfigureAwait(false);
        return body;
    }

    private static LoginException Unsupported() =>
        new(
            LoginError.ToolUnsupported,
            "The program didn't answer as SCRAM-SHA-256 requires. This tunnel has a local password, and the program must support SCRAM-SHA-256 to send it."
        );
}
