using System.Diagnostics;

namespace RdsTunnel.Tunnels.Measures;

/// <summary>What takes time and can fail, for those who trace. Nothing is made unless somebody listens.
/// A span has the tunnel's name, and of a failure its code: texts may name hosts and users.</summary>
internal static class Spans
{
    private static readonly ActivitySource Source = new(TunnelInstruments.Activities);

    public static Task OpenTunnelAsync(string tunnel, Func<Task> work) =>
        RunAsync(
            "open tunnel",
            tunnel,
            async () =>
            {
                await work().ConfigureAwait(false);
                return true;
            }
        );

    public static Task<T> OpenSessionAsync<T>(string tunnel, Func<Task<T>> work) => RunAsync("open session", tunnel, work);

    public static Task<T> OpenChannelAsync<T>(Func<Task<T>> work) => RunAsync("open data channel", null, work, ActivityKind.Client);

    public static Task<T> LogInAsync<T>(string tunnel, Func<Task<T>> work) => RunAsync("login", tunnel, work, ActivityKind.Client);

    public static Task<T> StartSessionAsync<T>(Func<Task<T>> work) =>
        RunAsync(
            "SSM.StartSession",
            null,
            work,
            ActivityKind.Client,
            [new("rpc.system", "aws-api"), new("rpc.service", "SSM"), new("rpc.method", "StartSession")]
        );

    private static async Task<T> RunAsync<T>(
        string name,
        string? tunnel,
        Func<Task<T>> work,
        ActivityKind kind = ActivityKind.Internal,
        IEnumerable<KeyValuePair<string, object?>>? tags = null
    )
    {
        using var span = Source.StartActivity(name, kind, parentContext: default, tags);
        if (span is null)
        {
            return await work().ConfigureAwait(false);
        }

        if (tunnel is not null)
        {
            span.SetTag(TunnelInstruments.TunnelLabel, tunnel);
        }

        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            span.SetTag("error.type", "Cancelled").SetStatus(ActivityStatusCode.Error);
            throw;
        }
        catch (Exception e)
        {
            span.SetTag("error.type", TunnelFaults.From(e).Code.ToString()).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
