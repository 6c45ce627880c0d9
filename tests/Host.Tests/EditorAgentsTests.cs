using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Agents;
using RdsTunnel.Agents.Editor;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host.Tests;

public sealed class EditorAgentsTests
{
    private readonly AskingTool _tool = new();
    private readonly EditorAgents _agents;

    public EditorAgentsTests() => _agents = new(new AgentToolbox([_tool], NullLogger<AgentToolbox>.Instance));

    [Fact]
    public async Task Call_NotAnsweredYet_TellsTheQuestionAndDoesNothing()
    {
        Assert.Equal(new CallAgentToolResult(Question: "Really?", NeedsDialog: false), await CallAsync());
        Assert.Empty(_tool.Ways);
    }

    [Theory]
    [InlineData(AgentConsent.Confirmed, "editor")]
    [InlineData(AgentConsent.Agreed, "asked")]
    public async Task Call_Agreed_IsDone(AgentConsent consent, string way)
    {
        Assert.Equal(new CallAgentToolResult(Answer: """{"done":true}"""), await CallAsync("Really?", consent));
        Assert.Equal([way], _tool.Ways);
    }

    [Fact]
    public async Task Call_ConfirmedByTheEditor_IsNotEnoughForABroadQuestion()
    {
        _tool.IsBroad = true;
        Assert.Equal(new CallAgentToolResult(Question: "Really?", NeedsDialog: true), await CallAsync("Really?", AgentConsent.Confirmed));
        Assert.Empty(_tool.Ways);
        Assert.NotNull((await CallAsync("Really?", AgentConsent.Agreed)).Answer);
    }

    [Theory]
    [InlineData(AgentConsent.Confirmed)]
    [InlineData(AgentConsent.Agreed)]
    [InlineData(AgentConsent.Declined)]
    public async Task Call_AnotherQuestionWasAnswered_AsksThisOne(AgentConsent consent)
    {
        Assert.Equal("Really?", (await CallAsync("Another?", consent)).Question);
        Assert.Empty(_tool.Ways);
    }

    [Fact]
    public async Task Call_Declined_SaysSo() =>
        Assert.Equal(new CallAgentToolResult(Error: "No. (Declined)"), await CallAsync("Really?", AgentConsent.Declined));

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"\ud800":1}""")]
    public async Task Call_ArgumentsAreNoObject_SaysSo(string arguments)
    {
        var result = await _agents.CallAsync(new("ask", "chat", arguments), CancellationToken.None);
        Assert.EndsWith("(InvalidArgument)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NoSuchTool_IsAnError()
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => _agents.CallAsync(new("another", "chat"), CancellationToken.None));
        Assert.Equal("tool", error.Field);
    }

    private Task<CallAgentToolResult> CallAsync(string? question = null, AgentConsent? consent = null) =>
        _agents.CallAsync(new("ask", "chat", "{}", question, consent), CancellationToken.None);

    private sealed class AskingTool() : AgentTool("ask", "Ask", "Asks.", "{}")
    {
        public bool IsBroad { get; set; }

        /// <summary>How a person agreed, each time.</summary>
        public List<string> Ways { get; } = [];

        public override async Task<JsonElement> RunAsync(AgentCall call, CancellationToken cancellationToken)
        {
            if (await call.Person.AskAsync(new("Really?", IsBroad), cancellationToken) == Answer.No)
            {
                throw new AgentException(AgentErrorCode.Declined, "No.");
            }

            Ways.Add(call.Person.How);
            using var document = JsonDocument.Parse("""{"done":true}""");
            return document.RootElement.Clone();
        }
    }
}
