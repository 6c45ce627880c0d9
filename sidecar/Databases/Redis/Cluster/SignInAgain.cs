using RdsTunnel.Databases.Redis.Protocol;

namespace RdsTunnel.Databases.Redis.Cluster;

/// <summary>Signs a tool in again whom a RESET has signed out: behind it goes an AUTH, whose reply the tool does not see.</summary>
/// <param name="auth">Makes the AUTH, which is overwritten once it is sent.</param>
internal sealed class SignInAgain(Func<CancellationToken, Task<byte[]>> auth)
{
    /// <summary>The next reply is the one to that AUTH. The reader's.</summary>
    public bool IsNext { get; set; }

    public async Task SendAsync(Stream database, CancellationToken cancellationToken) =>
        await RespWriter
            .SendSecretAsync(database, await auth(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <exception cref="LoginException">The database says no. The tool is signed out, and does not know it.</exception>
    public void Judge(ReadOnlySpan<byte> reply)
    {
        IsNext = false;
        if (!reply.SequenceEqual(RespWriter.Ok))
        {
            throw Refusals.By(reply, credentials: null);
        }
    }
}
