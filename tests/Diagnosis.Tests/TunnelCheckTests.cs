using RdsTunnel.Emulator.Gateway;
using RdsTunnel.Emulator.World;

namespace RdsTunnel.Diagnosis.Tests;

public sealed class TunnelCheckTests
{
    [Fact]
    public async Task Check_MfaCodeIsDenied_SaysSoAndAsksForNoOther()
    {
        const string serial = "arn:aws:iam::111122223333:mfa/jane";
        var config = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            config,
            $"[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/WithMfa\ncredential_source = Environment\nmfa_serial = {serial}\nregion = eu-west-1\n"
        );
        await using var chain = await Chain.StartAsync(
            config: config,
            role: new("arn:aws:iam::111122223333:role/WithMfa", MfaSerial: serial, MfaCode: "123456")
        );

        var steps = await chain.RunAsync(profile: "dev");

        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Credentials].Outcome);
        Assert.Contains("The code may have been wrong", steps[CheckStepName.Credentials].Message, StringComparison.Ordinal);
        Assert.All(
            steps.Values.Where(step => step.Name > CheckStepName.Credentials),
            step => Assert.Equal(CheckOutcome.Unknown, step.Outcome)
        );
        Assert.Equal(1, chain.MfaCodes.Asked);
        File.Delete(config);
    }

    [Fact]
    public async Task Check_AllIsWell_PassesEveryStepAndLeavesNoSession()
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'));
        await using var chain = await Chain.StartAsync(database.Port);
        var steps = await chain.RunAsync();
        Assert.All(steps.Values, step => Assert.Equal((step.Name, CheckOutcome.Passed), (step.Name, step.Outcome)));
        Assert.Contains("111122223333", steps[CheckStepName.Identity].Message, StringComparison.Ordinal);
        Assert.Contains(Chain.Host, steps[CheckStepName.Certificate].Message, StringComparison.Ordinal);
        Assert.Contains(
            "Neither this computer nor the RDS bundle knows its authority",
            steps[CheckStepName.Certificate].Message,
            StringComparison.Ordinal
        );
        Assert.Contains("ca_bundle", steps[CheckStepName.Certificate].Advice, StringComparison.Ordinal);
        Assert.Single(chain.Emulator.Sessions);
    }

    [Theory]
    [InlineData(20, "20 min behind AWS's")]
    [InlineData(-20, "20 min ahead of AWS's")]
    [InlineData(3, "3 min behind AWS's")]
    public async Task Check_ThisComputersClockIsWrong_PassesAndSaysHowFar(int minutes, string words)
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'));
        await using var chain = await Chain.StartAsync(database.Port, clockAhead: TimeSpan.FromMinutes(minutes));
        var steps = await chain.RunAsync();
        Assert.All(steps.Values, step => Assert.Equal((step.Name, CheckOutcome.Passed), (step.Name, step.Outcome)));
        Assert.Contains(words, steps[CheckStepName.Credentials].Message, StringComparison.Ordinal);
        Assert.Contains("clock", steps[CheckStepName.Credentials].Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_ThisComputersClockIsWrongAndTheSecretToo_SaysBoth()
    {
        await using var chain = await Chain.StartAsync(secret: "wrong", clockAhead: TimeSpan.FromMinutes(20));
        var step = (await chain.RunAsync())[CheckStepName.Credentials];
        Assert.Equal(CheckOutcome.Failed, step.Outcome);
        Assert.Contains("secret access key", step.Message, StringComparison.Ordinal);
        Assert.Contains("20 min behind AWS's", step.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Client version is below 1.2.900.0", "RDS Tunnel reports, 1.2.896.0")]
    [InlineData("Invalid token", "even with a new token")]
    public async Task Check_TheChannelIsRefused_SaysWhyInItsStep(string reason, string words)
    {
        await using var chain = await Chain.StartAsync(onSessionStarting: session => session.Faults.RefuseOpening(9, 1008, reason));
        var steps = await chain.RunAsync();
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Permission].Outcome);
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Channel].Outcome);
        Assert.Contains($"\"{reason}\"", steps[CheckStepName.Channel].Message, StringComparison.Ordinal);
        Assert.Contains(words, steps[CheckStepName.Channel].Message, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Session].Outcome);
    }

    [Theory]
    [InlineData(3306)]
    [InlineData(6379)]
    public async Task Check_OtherProtocols_ReadTheCertificateToo(int port)
    {
        await using var database = new FakeDatabase(port == 3306 ? FakeDatabase.MySql(offersTls: true) : FakeDatabase.TlsAtOnce);
        await using var chain = await Chain.StartAsync(database.Port);
        var steps = await chain.RunAsync(port);
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Connection].Outcome);
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Certificate].Outcome);
    }

    [Theory]
    [InlineData(5432)]
    [InlineData(3306)]
    public async Task Check_DatabaseOffersNoTls_CannotTellTheCertificate(int port)
    {
        await using var database = new FakeDatabase(port == 3306 ? FakeDatabase.MySql(offersTls: false) : FakeDatabase.PostgreSql('N'));
        await using var chain = await Chain.StartAsync(database.Port);
        var steps = await chain.RunAsync(port);
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Connection].Outcome);
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Certificate].Outcome);
        Assert.Contains("doesn't support TLS", steps[CheckStepName.Certificate].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_CertificateOfAnotherName_FailsWithBothNames()
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'), FakeDatabase.CertificateFor("other.example"));
        await using var chain = await Chain.StartAsync(database.Port);
        var certificate = (await chain.RunAsync())[CheckStepName.Certificate];
        Assert.Equal(CheckOutcome.Failed, certificate.Outcome);
        Assert.Contains("other.example", certificate.Message, StringComparison.Ordinal);
        Assert.Contains(Chain.Host, certificate.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[]?> NamesOfOthers =>
        new()
        {
            { "a\u001b[2J\nForged\u202e", null },
            { "x", [0x30, 0x0a, 0x82, 0x08, (byte)'a', 0x1b, (byte)'[', (byte)'2', (byte)'J', (byte)'\n', (byte)'b', (byte)'c'] },
            { "x", [0x30, 0x7f, 0x82, 0x7f] },
            { "x", [] },
        };

    [Theory]
    [MemberData(nameof(NamesOfOthers))]
    public async Task Check_CertificateWithNamesThatAreNone_IsToldInWordsThatATerminalOnlyShows(string name, byte[]? alternativeNames)
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'), FakeDatabase.CertificateWith(name, alternativeNames));
        await using var chain = await Chain.StartAsync(database.Port);
        var certificate = (await chain.RunAsync())[CheckStepName.Certificate];
        Assert.NotEqual(CheckOutcome.Passed, certificate.Outcome);
        Assert.DoesNotContain(certificate.Message, c => char.IsControl(c) || c == '\u202e');
    }

    [Fact]
    public async Task Check_CertificateThatHasExpired_Fails()
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'), FakeDatabase.CertificateFor(Chain.Host, daysLeft: -1));
        await using var chain = await Chain.StartAsync(database.Port);
        var certificate = (await chain.RunAsync())[CheckStepName.Certificate];
        Assert.Equal(CheckOutcome.Failed, certificate.Outcome);
        Assert.Contains("Rotate", certificate.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_PortIsClosed_FailsAtTheConnectionWithTheAgentsWords()
    {
        await using var chain = await Chain.StartAsync();
        var steps = await chain.RunAsync();
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Session].Outcome);
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Connection].Outcome);
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Certificate].Outcome);
    }

    [Fact]
    public async Task Check_WrongSecret_FailsAtTheCredentialsAndLooksNoFurther()
    {
        await using var chain = await Chain.StartAsync(secret: "wrong");
        var steps = await chain.RunAsync();
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Credentials].Outcome);
        Assert.All(steps.Values.Skip(1), step => Assert.Equal(CheckOutcome.Unknown, step.Outcome));
        Assert.Empty(chain.Emulator.Sessions);
    }

    [Fact]
    public async Task Check_EcsMayNotBeLookedAt_SaysSoAndNotThatNoTaskRuns()
    {
        await using var chain = await Chain.StartAsync(deniedActions: "ecs:ListClusters");
        var step = (await chain.RunAsync(target: "ecs:tools/jump"))[CheckStepName.Target];
        Assert.Equal(CheckOutcome.Unknown, step.Outcome);
        Assert.Contains("ecs:ListClusters", step.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_MayNotStartSessions_FailsAtThePermission()
    {
        await using var chain = await Chain.StartAsync(deniedActions: "ssm:StartSession");
        var steps = await chain.RunAsync();
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Permission].Outcome);
        Assert.Contains("ssm:StartSession", steps[CheckStepName.Permission].Message, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Session].Outcome);
    }

    [Fact]
    public async Task Check_ChannelIsSigned_SaysSo()
    {
        await using var chain = await Chain.StartAsync();
        var channel = (await chain.RunAsync())[CheckStepName.Channel];
        Assert.Equal((CheckOutcome.Passed, "Opened with a signature.", null), (channel.Outcome, channel.Message, channel.Advice));
    }

    [Fact]
    public async Task Check_ChannelOpensOnlyWithoutASignature_PassesAndSaysWhatToAllow()
    {
        await using var chain = await Chain.StartAsync();
        chain.Emulator.Channel = new() { Signature = ChannelSignatureRule.Denied };
        var steps = await chain.RunAsync();
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Channel].Outcome);
        Assert.Contains("Opened unsigned", steps[CheckStepName.Channel].Message, StringComparison.Ordinal);
        Assert.Contains("Allow ssmmessages:OpenDataChannel", steps[CheckStepName.Channel].Advice, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Session].Outcome);
    }

    [Fact]
    public async Task Check_ChannelMayNotBeOpened_FailsThereAndNamesThePermission()
    {
        await using var chain = await Chain.StartAsync(deniedActions: "ssmmessages:OpenDataChannel");
        var steps = await chain.RunAsync();
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Permission].Outcome);
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Channel].Outcome);
        Assert.Contains(
            "ssmmessages:OpenDataChannel on arn:aws:ssm:eu-west-1:111122223333:session/",
            steps[CheckStepName.Channel].Message,
            StringComparison.Ordinal
        );
        Assert.Contains("docs/permissions.md", steps[CheckStepName.Channel].Advice, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Session].Outcome);
    }

    [Fact]
    public async Task Check_GatewayFails_FailsAtTheChannel()
    {
        await using var chain = await Chain.StartAsync(onSessionStarting: session =>
            session.Faults.RefuseUpgrade(times: 9, statusCode: 503)
        );
        var steps = await chain.RunAsync();
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Channel].Outcome);
        Assert.Contains("503", steps[CheckStepName.Channel].Message, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Session].Outcome);
    }

    [Fact]
    public async Task Check_SecurityGroupDoesNotLetIn_FailsAtTheNetworkAndStillTriesTheNamedHost()
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'));
        await using var chain = await Chain.StartAsync(database.Port, allowedGroup: "sg-0other");
        var steps = await chain.RunAsync(target: EmulatedInstance.Default.InstanceId);
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Network].Outcome);
        Assert.Contains("sg-0db", steps[CheckStepName.Network].Message, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Connection].Outcome);
    }

    [Fact]
    public async Task Check_NoJumpHostFits_SaysWhatIsMissing()
    {
        await using var chain = await Chain.StartAsync(allowedGroup: "sg-0other");
        var target = (await chain.RunAsync())[CheckStepName.Target];
        Assert.Equal(CheckOutcome.Failed, target.Outcome);
        Assert.Contains("sg-0db", target.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_JumpHostIsOffline_FailsAtTheTargetAndTheSession()
    {
        await using var chain = await Chain.StartAsync(jumpHost: EmulatedInstance.Default with { IsOnline = false });
        var steps = await chain.RunAsync(target: EmulatedInstance.Default.InstanceId);
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Target].Outcome);
        Assert.Contains("offline", steps[CheckStepName.Target].Message, StringComparison.Ordinal);
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Session].Outcome);
    }

    [Theory]
    [InlineData("169.254.169.254", "3.3.0.0")]
    [InlineData("169.254.170.2", "3.3.4851.0")]
    public async Task Check_HostThatTheAgentForbids_FailsAtTheNetworkBeforeASessionIsOpened(string host, string agentVersion)
    {
        await using var chain = await Chain.StartAsync(jumpHost: EmulatedInstance.Default with { AgentVersion = agentVersion });
        var steps = await chain.RunAsync(target: EmulatedInstance.Default.InstanceId, host: host);
        Assert.Equal(CheckOutcome.Failed, steps[CheckStepName.Network].Outcome);
        Assert.Contains(
            $"The jump host's SSM agent {agentVersion} doesn't forward to {host}",
            steps[CheckStepName.Network].Message,
            StringComparison.Ordinal
        );
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Session].Outcome);
        Assert.Empty(chain.Emulator.Sessions);
    }

    [Theory]
    [InlineData("169.254.169.254", CheckOutcome.Failed, 0)]
    [InlineData("169.254.170.2", CheckOutcome.Unknown, 1)]
    public async Task Check_HostThatAgentsForbidAndAgentUnknown_SaysWhatCanBeSaid(string host, CheckOutcome outcome, int sessions)
    {
        await using var chain = await Chain.StartAsync(deniedActions: "ssm:DescribeInstanceInformation");
        var network = (await chain.RunAsync(target: EmulatedInstance.Default.InstanceId, host: host))[CheckStepName.Network];
        Assert.Equal(outcome, network.Outcome);
        Assert.Contains(host, network.Message, StringComparison.Ordinal);
        Assert.Equal(sessions, chain.Emulator.Sessions.Count);
    }

    [Fact]
    public async Task Check_ItsSession_HasAReason()
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'));
        await using var chain = await Chain.StartAsync(database.Port);
        await chain.RunAsync();
        Assert.Equal($"rds-tunnel check: {Chain.Host}:5432", Assert.Single(chain.Emulator.Sessions).Reason);
    }

    [Fact]
    public async Task Check_NothingMayBeListed_StillChecksANamedHost()
    {
        await using var database = new FakeDatabase(FakeDatabase.PostgreSql('S'));
        await using var chain = await Chain.StartAsync(
            database.Port,
            deniedActions: ["ssm:DescribeInstanceInformation", "sts:GetCallerIdentity"]
        );
        var steps = await chain.RunAsync(target: EmulatedInstance.Default.InstanceId);
        Assert.Equal(CheckOutcome.Unknown, steps[CheckStepName.Target].Outcome);
        Assert.Equal(CheckOutcome.Passed, steps[CheckStepName.Certificate].Outcome);
    }

    [Fact]
    public async Task Check_Cancelled_EndsItsSession()
    {
        await using var database = new FakeDatabase(async stream =>
        {
            // Not a word, for as long as the client stays.
            while (await stream.ReadAsync(new byte[8]) > 0) { }

            return false;
        });
        await using var chain = await Chain.StartAsync(database.Port);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var step in chain.Check.RunAsync(new() { Host = Chain.Host, Port = 5432 }, stop.Token))
            {
                if (step.Name == CheckStepName.Session)
                {
                    await stop.CancelAsync();
                }
            }
        });
        Assert.All(chain.Emulator.Sessions, session => Assert.NotNull(session.EndedWith));
    }
}
