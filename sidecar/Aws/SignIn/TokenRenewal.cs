using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;

namespace RdsTunnel.Aws.SignIn;

/// <summary>What a person gets by signing in, and a program renews with a token that is good for one use.</summary>
internal interface IRenewable
{
    DateTimeOffset ExpiresAt { get; }

    string? RefreshToken { get; }

    /// <summary>What calls bear, or what names it.</summary>
    string AccessId { get; }

    bool CanBeRenewed(DateTimeOffset now);
}

/// <summary>The service does not take the refresh token.</summary>
/// <param name="verdict">What a person is told, if no other program has renewed the sign-in.</param>
internal sealed class RefreshRefusedException(AwsException verdict) : Exception(verdict.Message, verdict)
{
    public AwsException Verdict { get; } = verdict;
}

/// <param name="Path">Of its file, and its name.</param>
/// <param name="RenewAhead">From then on it is renewed, though it still works.</param>
/// <param name="Renew">Throws <see cref="RefreshRefusedException"/> where only a new sign-in helps.</param>
/// <param name="Missing">What a person is told when there is none.</param>
/// <param name="Over">And when it can be renewed no longer.</param>
internal sealed record SignInFile<T>(
    string Path,
    JsonTypeInfo<T> Type,
    TimeSpan RenewAhead,
    Func<T, CancellationToken, Task<T>> Renew,
    Func<AwsException> Missing,
    Func<AwsException> Over
)
    where T : class, IRenewable;

/// <summary>Renews sign-ins that other processes, ours and the AWS CLI's, may renew at the same
/// moment, so that all of them end signed in. Thread-safe.</summary>
internal sealed class TokenRenewal(SecretStore store, TimeProvider time) : IDisposable
{
    /// <summary>Another program writes what it got within milliseconds. That goes by the computer's
    /// time, whatever the time of AWS is.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private const int Looks = 10;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal); // one for each file
    private readonly ConcurrentDictionary<string, string> _refused = new(StringComparer.Ordinal); // the latest refresh token of each file that was not taken

    public void Dispose()
    {
        foreach (var gate in _gates.Values)
        {
            gate.Dispose();
        }
    }

    /// <summary>True when it works, or can be renewed as far as is known; asks nobody.</summary>
    public bool IsGood<T>(string path, T token)
        where T : class, IRenewable => token.ExpiresAt > time.GetUtcNow() || CanBeRenewed(path, token);

    /// <param name="rejected">An <see cref="IRenewable.AccessId"/> that the service did not take, whatever was said of its end.</param>
    /// <exception cref="AwsException">A person has to sign in, or nobody answers.</exception>
    public async Task<T> GetAsync<T>(SignInFile<T> file, string? rejected, CancellationToken cancellationToken)
        where T : class, IRenewable
    {
        var gate = _gates.GetOrAdd(file.Path, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var token = await ReadAsync(file, cancellationToken).ConfigureAwait(false);
            if (!NeedsRenewal(token))
            {
                return token;
            }

            // The refresh token is good for one use. Where nobody else would get the next one, it is left to them as long as possible.
            if (Works(token) && !store.CanShare(file.Path))
            {
                return token;
            }

            using var turn = await RenewalTurn.TakeAsync(file.Path, cancellationToken).ConfigureAwait(false);
            token = await ReadAsync(file, cancellationToken).ConfigureAwait(false);
            return NeedsRenewal(token) ? await RenewAsync(file, token, Works, cancellationToken).ConfigureAwait(false) : token;
        }
        finally
        {
            gate.Release();
        }

        bool Works(T token) => token.ExpiresAt > time.GetUtcNow() && token.AccessId != rejected;

        bool NeedsRenewal(T token)
        {
            var isDue = token.ExpiresAt - file.RenewAhead <= time.GetUtcNow() || token.AccessId == rejected;
            return isDue && !CanBeRenewed(file.Path, token) && !Works(token) ? throw file.Over() : isDue && CanBeRenewed(file.Path, token);
        }
    }

    private async Task<T> RenewAsync<T>(SignInFile<T> file, T token, Func<T, bool> works, CancellationToken cancellationToken)
        where T : class, IRenewable
    {
        T renewed;
        try
        {
            renewed = await file.Renew(token, cancellationToken).ConfigureAwait(false);
        }
        catch (RefreshRefusedException e)
        {
            if (await OfAnotherProgramAsync(file, token, cancellationToken).ConfigureAwait(false) is { } theirs && works(theirs))
            {
                return theirs;
            }

            _refused[file.Path] = token.RefreshToken!;
            return works(token) ? token : throw e.Verdict;
        }
        catch (Exception e) when (e is AmazonServiceException or AwsException && works(token))
        {
            // The next request tries again.
            return token;
        }

        // Somebody may have signed out, or in anew, while the answer was under way.
        var present = store.Read(file.Path, file.Type);
        if (present is null && !SecretStore.Look(file.Path).IsThere)
        {
            throw file.Missing();
        }

        if (present is not null && present.RefreshToken != token.RefreshToken && works(present))
        {
            return present;
        }

        store.Write(file.Path, renewed, file.Type);
        return renewed;
    }

    private async Task<T?> OfAnotherProgramAsync<T>(SignInFile<T> file, T ours, CancellationToken cancellationToken)
        where T : class, IRenewable
    {
        for (var look = 0; look < Looks; look++)
        {
            if (store.Read(file.Path, file.Type) is { } theirs && theirs.RefreshToken != ours.RefreshToken)
            {
                return theirs;
            }

            await Task.Delay(LookInterval, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    // The AWS CLI does not write its files in one go: an invalid one may be complete in a moment.
    private async Task<T> ReadAsync<T>(SignInFile<T> file, CancellationToken cancellationToken)
        where T : class, IRenewable
    {
        for (var look = 0; look < Looks; look++)
        {
            if (store.Read(file.Path, file.Type) is { } token)
            {
                return token;
            }

            var (isThere, problem) = SecretStore.Look(file.Path);
            if (problem is not null)
            {
                throw new AwsException(AwsErrorCode.CredentialsMissing, $"{file.Missing().Message} {problem}");
            }

            if (!isThere)
            {
                break;
            }

            await Task.Delay(LookInterval, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }

        throw file.Missing();
    }

    private bool CanBeRenewed<T>(string path, T token)
        where T : class, IRenewable => token.CanBeRenewed(time.GetUtcNow()) && _refused.GetValueOrDefault(path) != token.RefreshToken;
}
