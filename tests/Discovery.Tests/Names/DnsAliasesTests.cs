using RdsTunnel.Discovery.Names;

namespace RdsTunnel.Discovery.Tests.Names;

public sealed class DnsAliasesTests
{
    private const string Company = "db.corp.example",
        Cluster = "orders.cluster-abc.eu-west-1.rds.amazonaws.com",
        Instance = "orders-1.abc.eu-west-1.rds.amazonaws.com";

    [Fact]
    public async Task Follow_AChain_TellsEveryNameInOrder()
    {
        await using var server = new NameServer((Company, "Orders.cluster-abc.eu-west-1.RDS.amazonaws.com"), (Cluster, Instance));
        Assert.Equal([Cluster, Instance], await FollowAsync(Company, server));
    }

    [Fact]
    public async Task Follow_NoAlias_IsEmpty()
    {
        await using var server = new NameServer();
        Assert.Empty(await FollowAsync(Company, server));
    }

    [Fact]
    public async Task Follow_ServersOfDifferentNetworks_TakesTheOneThatKnows()
    {
        await using var outside = new NameServer();
        await using var vpn = new NameServer((Company, Instance));
        Assert.Equal([Instance], await FollowAsync(Company, outside, vpn));
    }

    [Fact]
    public async Task Follow_AnotherServerIsSilent_DoesNotWaitForIt()
    {
        await using var silent = new NameServer { Send = _ => [] };
        await using var server = new NameServer((Company, Instance));
        Assert.Equal([Instance], await FollowAsync(Company, silent, server));
    }

    [Fact]
    public async Task Follow_NobodyListens_IsEmpty()
    {
        var server = new NameServer();
        await server.DisposeAsync();
        Assert.Empty(await FollowAsync(Company, server));
    }

    [Fact]
    public async Task Follow_ForgedAnswersFirst_WaitsForTheRealOne()
    {
        await using var server = new NameServer((Company, Instance))
        {
            Send = answer =>
                [
                    [1, 2, 3],
                    [(byte)~answer[0], .. answer[1..]], // another question's number
                    [.. answer[..2], 1, 0, .. answer[4..]], // a query
                    NameServer.Answer(
                        [.. answer[..6], 0, 0, 0, 0, 0, 0, .. NameServer.Name("other.example"), 0, 1, 0, 1],
                        NameServer.Record(NameServer.Name(Company), 5, NameServer.Name("evil.example"))
                    ),
                    answer,
                ],
        };
        Assert.Equal([Instance], await FollowAsync(Company, server));
    }

    [Fact]
    public async Task Follow_ACircle_Ends()
    {
        await using var server = new NameServer
        {
            Send = answer =>
                [
                    NameServer.Answer(
                        Question(answer),
                        NameServer.Record(NameServer.Name(Company), 5, NameServer.Name("b.example")),
                        NameServer.Record(NameServer.Name("b.example"), 5, NameServer.Name(Company))
                    ),
                ],
        };
        Assert.Equal(["b.example", Company], await FollowAsync(Company, server));
    }

    [Fact]
    public async Task Follow_AnAnswerThatIsCutOff_TellsWhatWasBefore()
    {
        await using var server = new NameServer((Company, Cluster), (Cluster, Instance)) { Send = answer => [answer[..^76]] };
        Assert.Equal([Cluster], await FollowAsync(Company, server));
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x0C }, Company)] // a pointer to the question
    [InlineData(new byte[] { 0xC0, 0xFF }, null)] // to what comes later
    [InlineData(new byte[] { 1, (byte)'\n', 0 }, null)]
    [InlineData(new byte[] { 0x40, 1, 0 }, null)] // a form that nobody uses
    [InlineData(new byte[] { 63, 1 }, null)] // longer than the message
    public async Task Follow_AnOddName_IsNoAliasUnlessItIsAHosts(byte[] target, string? expected)
    {
        await using var server = new NameServer
        {
            Send = answer => [NameServer.Answer(Question(answer), NameServer.Record([0xC0, 0x0C], 5, target))],
        };
        Assert.Equal(expected is null ? [] : [expected], await FollowAsync(Company, server));
    }

    [Theory]
    [InlineData("db")]
    [InlineData("a..b")]
    [InlineData("x y.example")]
    [InlineData("ünder.example")]
    public async Task Follow_WhatNoServerCanTell_AsksNobody(string name)
    {
        var aliases = new DnsAliases(() => throw new InvalidOperationException("Somebody was asked."), TimeProvider.System);
        Assert.Empty(await aliases.FollowAsync(name, CancellationToken.None));
    }

    [Fact]
    public async Task Follow_Cancelled_SaysSo()
    {
        await using var silent = new NameServer { Send = _ => [] };
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new DnsAliases(() => [silent.Address], TimeProvider.System).FollowAsync(Company, cancelled.Token)
        );
    }

    [Fact]
    public void Aliases_BytesInAnyDisorder_NeverThrow()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var message = NameServer.Answer(DnsMessage.Query(1, Company), NameServer.Record([0xC0, 0x0C], 5, NameServer.Name(Instance)));
            for (var changes = random.Next(1, 8); changes > 0; changes--)
            {
                message[random.Next(12, message.Length)] = (byte)random.Next(256);
            }

            var aliases = DnsMessage.Aliases(message.AsSpan(0, random.Next(message.Length + 1)), 1, Company) ?? [];
            Assert.InRange(aliases.Count, 0, 16);
        }
    }

    private static byte[] Question(byte[] answer) => answer[..(12 + Company.Length + 2 + 4)];

    private static Task<IReadOnlyList<string>> FollowAsync(string name, params NameServer[] servers) =>
        new DnsAliases(() => [.. servers.Select(server => server.Address)], TimeProvider.System).FollowAsync(name, CancellationToken.None);
}
