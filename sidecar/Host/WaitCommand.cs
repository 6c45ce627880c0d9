using System.Net;
using System.Text;
using RdsTunnel.Faults;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel wait</c>: ends when the tunnels of another process can be used. Also a health check, where there is no other program.</summary>
internal static class WaitCommand
{
    /// <summary>A line for each of some hundred tunnels.</summary>
    private const int MaxAnswerBytes = 64 * 1024;

    private const int MaxToldChars = 2_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>For one answer: the server gives a request five seconds. What hangs is asked again, as it may be another by then.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(6);

    public static async Task<int> RunAsync(IPEndPoint server, TimeSpan most, TextWriter error, TimeProvider time)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            MaxResponseContentBufferSize = MaxAnswerBytes,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var late = new CancellationTokenSource(most, time);
        var last = "no answer yet";
        try
        {
            while (true)
            {
                last = await AskAsync(client, new Uri($"http://{server}/readiness"), time, late.Token).ConfigureAwait(false) ?? "";
                if (last.Length == 0)
                {
                    return ExitCode.Ended;
                }

                await Task.Delay(Pause, time, late.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            await error
                .WriteLineAsync(
                    $"rds-tunnel: not ready after {most.TotalSeconds:0.#} s: {last}. Check the log of 'rds-tunnel serve', and that it has --health-check and http://{server}."
                )
                .ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    /// <returns>What is amiss; null when nothing is.</returns>
    private static async Task<string?> AskAsync(HttpClient client, Uri address, TimeProvider time, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(AnswerTime, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            using var answer = await client.GetAsync(address, either.Token).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return null;
            }

            // Whatever character set a header names: ours is UTF-8, and somebody else's server says nothing of use.
            var lines = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false));
            return $"the response is {(int)answer.StatusCode}, {ForeignText.Quote(lines, maxChars: MaxToldChars)}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return SafeText.Describe(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no response within {AnswerTime.TotalSeconds:0} s";
        }
    }
}
