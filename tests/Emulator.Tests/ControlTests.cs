using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.Emulator.Sessions;
using RdsTunnel.Emulator.Tests.Support;

namespace RdsTunnel.Emulator.Tests;

public sealed class ControlTests
{
    [Fact]
    public async Task Sessions_ListsAllWithStateCountersAndEnd()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = emulator.Server.Endpoint };
        var (session, client) = await emulator.ConnectAsync(5432, "db.internal");
        using var connection = client;
        await client.ShakeHandsAsync();

        var active = (await http.GetFromJsonAsync<JsonArray>("/_emulator/sessions"))!.Single()!;
        await http.PostAsync(new Uri($"/_emulator/sessions/{session.Id}/terminate", UriKind.Relative), null);
        var ended = (await http.GetFromJsonAsync<JsonObject>($"/_emulator/sessions/{session.Id}"))!;

        Assert.Equal(
            (session.Id, "active", "db.internal", 5432),
            (Text(active["id"]), Text(active["state"]), Text(active["host"]), active["port"]!.GetValue<int>())
        );
        Assert.True(active["clientConnected"]!.GetValue<bool>() && active["nodeConnected"]!.GetValue<bool>());
        Assert.Null(active["endReason"]);
        Assert.Equal(2, active["nodeToClient"]!["dataMessages"]!.GetValue<int>());
        Assert.Equal(("ended", "Terminated"), (Text(ended["state"]), Text(ended["endReason"])));
    }

    [Fact]
    public async Task Faults_OfASession_TakeEffectAtOnce()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = emulator.Server.Endpoint };
        var (session, client) = await emulator.ConnectAsync();
        using var connection = client;

        Assert.Equal(
            HttpStatusCode.NoContent,
            await PostAsync(http, $"/_emulator/sessions/{session.Id}/faults", """{"endSession":"Enough."}""")
        );

        Assert.Contains("Enough.", (await client.ReceiveAsync(MessageType.ChannelClosed)).Text, StringComparison.Ordinal);
        Assert.Equal(SessionEndReason.Fault, (await session.Ended).Reason);
    }

    [Fact]
    public async Task Faults_OfNewSessions_ApplyFromTheirStart()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = emulator.Server.Endpoint };

        Assert.Equal(
            HttpStatusCode.NoContent,
            await PostAsync(
                http,
                "/_emulator/faults",
                """{"refuseResume":{"code":"AccessDeniedException"},"nodeToClient":{"delay":1,"delayTime":"00:00:00.010"}}"""
            )
        );
        var (id, _, _) = await emulator.Aws.StartSessionAsync(9);

        Assert.Equal("AccessDeniedException", await emulator.Aws.ErrorCodeAsync("ResumeSession", new() { ["SessionId"] = id }));
    }

    [Fact]
    public async Task ApiFaults_FailTheNextCalls()
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = emulator.Server.Endpoint };

        await PostAsync(http, "/_emulator/api-faults", """{"operation":"StartSession","code":"ThrottlingException"}""");

        Assert.Equal("ThrottlingException", await emulator.Aws.ErrorCodeAsync("StartSession", AwsClient.StartSessionInput(1)));
        await emulator.Aws.StartSessionAsync(1);
    }

    [Theory]
    [InlineData("/_emulator/faults", """{"cutCilent":true}""", HttpStatusCode.BadRequest)]
    [InlineData("/_emulator/faults", "nonsense", HttpStatusCode.BadRequest)]
    [InlineData("/_emulator/sessions/user-unknown/faults", "{}", HttpStatusCode.NotFound)]
    [InlineData("/_emulator/unknown", "{}", HttpStatusCode.NotFound)]
    public async Task BadRequest_IsRefused(string path, string body, HttpStatusCode status)
    {
        await using var emulator = await EmulatorFixture.StartAsync();
        using var http = new HttpClient { BaseAddress = emulator.Server.Endpoint };

        Assert.Equal(status, await PostAsync(http, path, body));
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body);
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        return response.StatusCode;
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();
}
