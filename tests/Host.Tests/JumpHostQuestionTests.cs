using Microsoft.Extensions.Logging.Abstractions;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

public sealed class JumpHostQuestionTests : IInventories, IJumpHostFinder, IDisposable
{
    private static readonly TunnelRequest Request = new()
    {
        Host = "db.corp.example",
        Port = 5432,
        Scope = new AwsScope("dev", "eu-west-1"),
    };

    private readonly JumpHostMemory _memory;
    private readonly StringWriter _screen = new();
    private JumpHostList _list = List("i-1", "i-2");
    private int _listed;

    public JumpHostQuestionTests() =>
        _memory = new JumpHostMemory(this, file: null, TimeProvider.System, NullLogger<JumpHostMemory>.Instance);

    private string? Chosen => _memory.Recall(Request.Scope, Request.Host!, Request.Port).Chosen;

    public void Dispose() => _screen.Dispose();

    public TimeSpan ClockOffset => TimeSpan.Zero;

    public IInventory InventoryOf(AwsScope scope) => throw new AwsException(AwsErrorCode.RegionMissing, "No region.");

    public Task<JumpHostList> FindAsync(
        AwsScope scope,
        DatabaseAddress database,
        string jumpHostTag,
        bool refresh,
        CancellationToken cancellationToken
    )
    {
        _listed++;
        return Task.FromResult(_list);
    }

    [Theory]
    [InlineData("2\n", "i-2")]
    [InlineData(" 1 \n", "i-1")]
    [InlineData("0\n3\n-1\n99999999999999999999\nwhat\n2\n", "i-2")]
    [InlineData("i-0abc\n", "i-0abc")]
    [InlineData("ecs:cluster_task_runtime\n", "ecs:cluster_task_runtime")]
    [InlineData("i-0abc def\n--target\n1\n", "i-1")]
    public async Task Ask_Answered_IsRemembered(string typed, string expected)
    {
        Assert.True(await AskAsync(typed));
        Assert.Equal(expected, Chosen);
        Assert.Contains("  1. name of i-1 (i-1): + agent online, ? VPC unknown", _screen.ToString(), StringComparison.Ordinal);
        Assert.Contains($"Remembered {expected} for db.corp.example:5432", _screen.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("n\n")]
    [InlineData("")]
    [InlineData("what\n")]
    public async Task Ask_NotAnswered_ChoosesNone(string typed)
    {
        Assert.False(await AskAsync(typed));
        Assert.Null(Chosen);
    }

    [Theory]
    [InlineData("\n", "i-1")]
    [InlineData("y\n", "i-1")]
    [InlineData("n\n", null)]
    [InlineData("i-9\n", "i-9")]
    public async Task Ask_OneCandidate_IsSuggested(string typed, string? expected)
    {
        _list = List("i-1");
        Assert.Equal(expected is not null, await AskAsync(typed));
        Assert.Equal(expected, Chosen);
    }

    [Fact]
    public async Task Ask_NoTerminal_ListsThemReadsNothingAndNamesTheOption()
    {
        Assert.False(await AskAsync("1\n", isInteractive: false));
        Assert.Null(Chosen);
        Assert.Contains("2. name of i-2", _screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("--target", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_NameWithControlCharacters_IsNotPrintedAsItIs()
    {
        _list = new JumpHostList([new JumpHost("i-1", true, false, true, [], [], Name: "\u001b[2Jjump\r\n")], []);
        await AskAsync("1\n");
        Assert.DoesNotContain('\u001b', _screen.ToString());
        Assert.Contains("[2Jjump", _screen.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "i-1", 0)]
    [InlineData("i-7", null, 0)]
    [InlineData(null, null, 2)]
    public async Task AnswerIfNeeded_AsksOnlyWhenNothingIsKnown(string? named, string? recommended, int expectedQuestionLists)
    {
        _list = _list with { Recommended = recommended };
        var question = Question("2\n");
        await question.AnswerIfNeededAsync(Request with { Target = named }, CancellationToken.None);
        Assert.Equal(expectedQuestionLists == 0 ? null : "i-2", Chosen);
        Assert.Equal(
            named is not null ? 0
                : expectedQuestionLists == 0 ? 1
                : 2,
            _listed
        );
        await question.AnswerIfNeededAsync(Request with { Target = named }, CancellationToken.None);
    }

    [Fact]
    public async Task AnswerIfNeeded_NoAnswer_IsTheTunnelsError()
    {
        var failure = await Assert.ThrowsAsync<TunnelException>(() => Question("").AnswerIfNeededAsync(Request, CancellationToken.None));
        Assert.Equal(TunnelErrorCode.JumpHostChoiceNeeded, failure.Code);
    }

    [Fact]
    public async Task AnswerIfNeeded_NoneCanBeUsed_IsLeftToTheTunnel()
    {
        _list = new JumpHostList([], [], Advice: "None.");
        await Question("").AnswerIfNeededAsync(Request, CancellationToken.None);
        Assert.Equal("", _screen.ToString());
    }

    private static JumpHostList List(params string[] targets) =>
        new(
            [
                .. targets.Select(target => new JumpHost(
                    target,
                    IsUsable: true,
                    IsSuitable: false,
                    IsOnline: true,
                    [
                        new(JumpHostCriterion.Online, Verdict.For, "agent online"),
                        new(JumpHostCriterion.Network, Verdict.Unknown, "VPC unknown"),
                    ],
                    [],
                    $"name of {target}"
                )),
            ],
            [],
            Advice: "Choose one."
        );

    private JumpHostQuestion Question(string typed, bool isInteractive = true) =>
        new(new BestJumpHost(this, _memory), this, _memory, new Terminal(new StringReader(typed), _screen, isInteractive));

    private Task<bool> AskAsync(string typed, bool isInteractive = true) =>
        Question(typed, isInteractive).AskAsync(Request, CancellationToken.None);
}
