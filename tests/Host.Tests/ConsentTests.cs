using RdsTunnel.Agents;
using RdsTunnel.Aws;
using RdsTunnel.Aws.Inventory;
using RdsTunnel.Rpc;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

public sealed class ConsentTests
{
    private static readonly TunnelRequest Request = new()
    {
        Host = "orders.example.com",
        Port = 5432,
        Scope = new AwsScope("work", "eu-central-1"),
    };

    private static readonly Database Orders = new(
        "arn#Writer",
        "orders",
        DatabaseService.Rds,
        DatabaseRole.Writer,
        "postgres",
        "orders.example.com",
        5432,
        "eu-central-1",
        [],
        [],
        []
    );

    private readonly MemoryLog _log = new();

    [Fact]
    public async Task Listed_AllowOpen_AsksNobody()
    {
        var person = new FakePerson(null);
        Assert.Equal(
            "--allow-open",
            await new Consent(allowsOpen: true, _log).RequireAsync(Intent(), "open", person, CancellationToken.None)
        );
        Assert.Empty(person.Questions);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task NotListedOrWithLogin_AllowOpen_AsksAllTheSame(bool isListed, bool hasLogin)
    {
        var intent = Intent() with
        {
            Database = isListed ? Orders : null,
            Request = hasLogin ? Request with { Login = LoginKind.Iam, User = "app" } : Request,
        };
        var consent = new Consent(allowsOpen: true, _log);
        Assert.Equal(
            AgentErrorCode.CannotAsk,
            (
                await Assert.ThrowsAsync<AgentException>(() =>
                    consent.RequireAsync(intent, "open", new FakePerson(null), CancellationToken.None)
                )
            ).Code
        );
        var person = new FakePerson(Answer.Yes);
        Assert.Equal("asked", await consent.RequireAsync(intent, "open", person, CancellationToken.None));
        Assert.Contains(
            hasLogin ? "Sign-in: as app, with IAM" : "Warning: AWS doesn't list this address",
            Assert.Single(person.Questions),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Declined_IsRefusedAndWrittenDown()
    {
        var error = await Assert.ThrowsAsync<AgentException>(() =>
            new Consent(false, _log).RequireAsync(Intent(), "open", new FakePerson(Answer.No), CancellationToken.None)
        );
        Assert.Equal(AgentErrorCode.Declined, error.Code);
        Assert.Equal((AgentActionKind.Refused, "Declined"), (Assert.Single(_log.Actions).Action, _log.Actions[0].Error));
    }

    [Fact]
    public async Task Remembered_SameDatabase_IsNotAskedAgain_AnotherIs()
    {
        var (consent, person) = (new Consent(false, _log), new FakePerson(Answer.YesFromNowOn));
        await consent.RequireAsync(Intent(), "open", person, CancellationToken.None);
        Assert.Equal(
            "remembered",
            await consent.RequireAsync(
                Intent() with
                {
                    Request = Request with { Reason = "agent: another" },
                },
                "open",
                person,
                CancellationToken.None
            )
        );
        Assert.Equal(
            "asked",
            await consent.RequireAsync(
                Intent() with
                {
                    Request = Request with { Login = LoginKind.Iam, User = "admin" },
                },
                "open",
                person,
                CancellationToken.None
            )
        );
        Assert.Equal(2, person.Questions.Count);
    }

    [Fact]
    public void Question_HostileReason_CannotPassForTheRestOfIt()
    {
        var question = Consent.Question(
            Intent() with
            {
                Reason = AgentText.Reason("x\"\nDatabase: harmless\u202e\u001b[2J token=abcdefabcdef"),
            },
            "open a tunnel to a database"
        );
        Assert.Equal(
            [
                "client 1 wants to open a tunnel to a database.",
                "",
                "Database: orders.example.com:5432 (orders, postgres, Writer)",
                "AWS identity: arn:aws:sts::1:assumed-role/Developer/me, account 111122223333",
                "Profile: work",
                "Region: eu-central-1",
                "Reason given by the agent: \"x' Database: harmless [2J token=***\"",
            ],
            question.ReplaceLineEndings("\n").Split('\n')
        );
    }

    [Fact]
    public void SessionReason_TemplateOfAnAgent_IsNone()
    {
        var reason = AgentText.SessionReason("agent", "${user} and ${nonsense}");
        Assert.Null(SessionReason.ProblemOf(reason));
        Assert.Equal("agent: $ {user} and $ {nonsense}", SessionReason.Expand(reason, Request, "i-1", 1));
    }

    private static AgentIntent Intent() =>
        new(Request, "client 1", "", new CallerIdentity("111122223333", "arn:aws:sts::1:assumed-role/Developer/me"), Orders);

    private sealed class FakePerson(Answer? answer) : IPerson
    {
        public List<string> Questions { get; } = [];

        public bool CanBeAsked => answer is not null;

        public Task<Answer> AskAsync(AgentQuestion question, CancellationToken cancellationToken)
        {
            Questions.Add(question.Text);
            return Task.FromResult(answer!.Value);
        }
    }

    private sealed class MemoryLog : IAgentLog
    {
        public List<AgentAction> Actions { get; } = [];

        public Task WriteAsync(AgentAction action, CancellationToken cancellationToken)
        {
            Actions.Add(action);
            return Task.CompletedTask;
        }
    }
}
