using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Emulator.Sessions;

namespace RdsTunnel.Emulator.Tests.Support;

/// <summary>An emulator and a caller of its APIs.</summary>
internal sealed class EmulatorFixture : IAsyncDisposable
{
    private readonly TimeProvider _time;

    private EmulatorFixture(EmulatorServer server, TimeProvider time)
    {
        Server = server;
        Aws = new AwsClient(server.Endpoint, time);
        _time = time;
    }

    public EmulatorServer Server { get; }

    public AwsClient Aws { get; }

    public static async Task<EmulatorFixture> StartAsync(EmulatorOptions? options = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        options ??= new EmulatorOptions();
        var resolve = options.Agent.Resolve;
        options = options with
        {
            Agent = options.Agent with
            {
                Resolve = (host, port) =>
                    resolve(host, port) is var found && found == (AwsClient.TargetHost, port) ? ("127.0.0.1", port) : found,
            },
        };
        return new EmulatorFixture(await EmulatorServer.StartAsync(options, time, NullLoggerFactory.Instance), time);
    }

    public static FakeTimeProvider CreateFakeTime() => new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    /// <summary>A started session and a client that has opened its data channel.</summary>
    public async Task<(EmulatedSession Session, ScriptedPeer Client)> ConnectAsync(int targetPort = 9, string? host = AwsClient.TargetHost)
    {
        var (id, streamUrl, token) = await Aws.StartSessionAsync(targetPort, host);
        return (Session(id), await ScriptedPeer.ConnectAsync(streamUrl, token, upgrade: new Upgrade { Time = _time.GetUtcNow() }));
    }

    public async Task<ScriptedPeer> ResumeAsync(EmulatedSession session)
    {
        var answer = await Aws.CallAndExpectAsync("ResumeSession", new() { ["SessionId"] = session.Id });
        return await ScriptedPeer.ConnectAsync(
            new Uri(answer["StreamUrl"]!.GetValue<string>()),
            answer["TokenValue"]!.GetValue<string>(),
            upgrade: new Upgrade { Time = _time.GetUtcNow() }
        );
    }

    public EmulatedSession Session(string id) => Server.Sessions.Single(session => session.Id == id);

    public async ValueTask DisposeAsync()
    {
        Aws.Dispose();
        await Server.DisposeAsync();
    }
}
