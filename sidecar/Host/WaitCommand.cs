using System.Net;
using RdsTunnel.Faults;

namespace RdsTunnel.Host;

/// <summary><c>rds-tunnel wait</c>: ends when the tunnels of another process can be used. Also a health check, where there is no other program.</summary>
internal static class WaitCommand
{
    /// <summary>A line for each of some hundred tunnels.</summary>
    private const int MaxAnswerBytes = 64 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(IPEndPoint server, TimeSpan most, TextWriter error, TimeProvider time)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        using var late = new CancellationTokenSource(most, time);
        var last = "no answer yet";
        try
        {
            while (true)
            {
                last = await AskAsync(client, new Uri($"http://{server}/readiness"), late.Token).ConfigureAwait(false) ?? "";
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
    private static async Task<string?> AskAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(address, cancellationToken).ConfigureAwait(false);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return null;
            }

            var lines = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return $"the response is {(int)answer.StatusCode}, {ForeignText.Line(lines)}";
        }
        catch (HttpRequestException e)
        {
            return SafeText.Describe(e);
        }
    }
}
