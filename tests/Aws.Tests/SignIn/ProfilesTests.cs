using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests.SignIn;

/// <summary>What stands in the configuration files is told as it is, and stays as it is.</summary>
public sealed class ProfilesTests : IdentityFixture
{
    private const string Existing = """
        # Ours, do not touch

        [default]
        region=eu-central-1 ; home

        [sso-session acme]
        sso_start_url = https://acme.awsapps.com/start
        sso_region = eu-west-1
        """;

    private string ConfigPath => Path.Combine(Home, ".aws", "config");

    [Fact]
    public void List_ProfilesOfEveryKind_TellsWhereCredentialsComeFrom()
    {
        Config(
            """
            [profile sso]
            sso_session = acme
            sso_account_id = 111122223333
            sso_role_name = Developer
            region = eu-west-1
            [sso-session acme]
            sso_start_url = https://acme.awsapps.com/start
            sso_region = eu-west-1
            [profile keys]
            aws_access_key_id = A
            aws_secret_access_key = s
            [profile role]
            role_arn = arn:aws:iam::444455556666:role/path/Admin
            source_profile = sso
            [profile web]
            role_arn = arn:aws:iam::444455556666:role/Web
            web_identity_token_file = /token
            [profile "with space"]
            credential_process = /bin/true
            [profile login]
            login_session = arn:aws:iam::111122223333:user/jane
            [profile nothing]
            region = eu-west-1
            [profile broken]
            this is no property
            """
        );
        var list = Services.Profiles.List();
        Assert.Equal(
            [
                new Profile(
                    "sso",
                    ProfileKind.Sso,
                    true,
                    "eu-west-1",
                    "acme",
                    "https://acme.awsapps.com/start",
                    "111122223333",
                    "Developer"
                ),
                new Profile("keys", ProfileKind.StaticKeys, false),
                new Profile("role", ProfileKind.AssumeRole, true, AccountId: "444455556666", RoleName: "Admin"),
                new Profile("web", ProfileKind.WebIdentity, false, AccountId: "444455556666", RoleName: "Web"),
                new Profile("with space", ProfileKind.Process, false),
                new Profile("login", ProfileKind.Login, false),
            ],
            list.Profiles.Where(profile => profile.Problem is null)
        );
        Assert.Equal(["nothing", "broken"], list.Profiles.Where(profile => profile.Problem is not null).Select(profile => profile.Name));
        Assert.Equal([new SsoSession("https://acme.awsapps.com/start", "eu-west-1", false, "acme")], list.SsoSessions);
        var problem = Assert.Single(list.Problems);
        Assert.Equal((ConfigPath, 25), (problem.File, problem.Line));
        Assert.Contains("line 25", list.Profiles.Single(profile => profile.Name == "broken").Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("this is no property", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void List_NoFiles_IsEmpty()
    {
        var list = Services.Profiles.List();
        Assert.Empty(list.Profiles);
        Assert.Empty(list.SsoSessions);
        Assert.Empty(list.Problems);
    }

    [Fact]
    public void Create_SessionHasASection_AppendsTheProfileAndLeavesTheRest()
    {
        Config(Existing);
        var created = Services.Profiles.Create(
            new NewProfile("dev", new SsoReference(SsoSession: "acme"), "111122223333", "Developer", "eu-west-1")
        );
        Assert.Equal(
            new Profile("dev", ProfileKind.Sso, true, "eu-west-1", "acme", "https://acme.awsapps.com/start", "111122223333", "Developer"),
            created
        );
        var text = File.ReadAllText(ConfigPath);
        Assert.StartsWith(Existing, text, StringComparison.Ordinal);
        Assert.Equal(
            "\n\n[profile dev]\nsso_session = acme\nsso_account_id = 111122223333\nsso_role_name = Developer\nregion = eu-west-1\n",
            text[Existing.Length..]
        );
    }

    [Fact]
    public void Create_SessionByStartUrl_FindsItsSectionOrMakesOne()
    {
        Config(Existing);
        Services.Profiles.Create(
            new NewProfile(
                "a",
                new SsoReference(StartUrl: "https://acme.awsapps.com/start", Region: "eu-west-1"),
                "111122223333",
                "R",
                "eu-west-1"
            )
        );
        Services.Profiles.Create(
            new NewProfile(
                "b",
                new SsoReference(StartUrl: "https://acme.awsapps.com/start", Region: "us-east-1"),
                "111122223333",
                "R",
                "eu-west-1"
            )
        );
        var profiles = Services.Profiles.List().Profiles.ToDictionary(profile => profile.Name);
        Assert.Equal("acme", profiles["a"].SsoSession);
        Assert.Equal("acme-2", profiles["b"].SsoSession);
    }

    [Theory]
    [InlineData("my dev")]
    [InlineData("a\"b\\c")]
    [InlineData("it's")]
    [InlineData("team#1")]
    public void Create_NameThatNeedsQuotes_IsFoundAgain(string name)
    {
        Config(Existing);
        Services.Profiles.Create(new NewProfile(name, new SsoReference(SsoSession: "acme"), "111122223333", "R", "eu-west-1"));
        var list = Services.Profiles.List();
        Assert.Equal(ProfileKind.Sso, list.Profiles.Single(profile => profile.Name == name).Kind);
        Assert.Empty(list.Problems);
    }

    [Fact]
    public void Create_FileInUtf16_IsRefusedAndChangesNothing()
    {
        Config("");
        File.WriteAllText(ConfigPath, Existing, System.Text.Encoding.Unicode);
        var before = File.ReadAllBytes(ConfigPath);
        Assert.Throws<AwsException>(() =>
            Services.Profiles.Create(new NewProfile("dev", new SsoReference(SsoSession: "acme"), "111122223333", "R", "eu-west-1"))
        );
        Assert.Equal(before, File.ReadAllBytes(ConfigPath));
    }

    [Fact]
    public void Create_NoFileYet_MakesOneThatOnlyItsOwnerReads()
    {
        Services.Profiles.Create(
            new NewProfile(
                "dev",
                new SsoReference(StartUrl: "https://acme.awsapps.com/start", Region: "eu-west-1"),
                "111122223333",
                "R",
                "eu-west-1"
            )
        );
        Assert.StartsWith("[sso-session acme]", File.ReadAllText(ConfigPath), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ConfigPath));
        }
    }

    [Theory]
    [InlineData("dev\n[profile evil", "https://acme.awsapps.com/start", "eu-west-1", "1", "R", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/start\n[profile evil]\n", "eu-west-1", "1", "R", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/start\n", "eu-west-1", "1", "R", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/sta rt", "eu-west-1", "1", "R", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/start", "eu-west-1\ncredential_process = evil", "1", "R", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/start", "eu-west-1\n", "1", "R", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/start", "eu-west-1", "1\ncredential_process = evil", "R", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/start", "eu-west-1", "1", "R\rcredential_process = evil", "eu-west-1")]
    [InlineData("dev", "https://acme.awsapps.com/start", "eu-west-1", "1", "R", "eu-west-1\n")]
    public void Create_ValueWouldBeMoreThanAValue_IsRefusedAndChangesNothing(
        string name,
        string startUrl,
        string ssoRegion,
        string account,
        string role,
        string region
    )
    {
        Config(Existing);
        Assert.Throws<AwsException>(() =>
            Services.Profiles.Create(new NewProfile(name, new SsoReference(StartUrl: startUrl, Region: ssoRegion), account, role, region))
        );
        Assert.Equal(Existing, File.ReadAllText(ConfigPath));
    }

    [Fact]
    public void Create_NameIsTaken_IsRefusedAndChangesNothing()
    {
        Config(Existing);
        Assert.Throws<AwsException>(() =>
            Services.Profiles.Create(new NewProfile("default", new SsoReference(SsoSession: "acme"), "1", "R", "eu-west-1"))
        );
        Assert.Equal(Existing, File.ReadAllText(ConfigPath));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void List_MutatedFiles_NeverThrows(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(Existing + "\n[profile dev]\nsso_session = acme\ns3 =\n  endpoint_url = x\n");
            for (var change = random.Next(1, 12); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(Home, ".aws")).FullName, "config"), bytes);
            Assert.NotNull(Services.Profiles.List());
        }
    }
}
