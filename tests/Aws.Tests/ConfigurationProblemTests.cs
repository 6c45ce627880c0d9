using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>What cannot be read is told with its file and its line, and without its text; what stands beside it goes on working.</summary>
public sealed class ConfigurationProblemTests : IdentityFixture
{
    private const string Good =
        "[profile good]\nregion = eu-west-1\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

    private const string Key = "A1bje7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKE";

    private static readonly string[] Others =
    [
        "role_arn = arn",
        "source_profile = good",
        "sso_account_id = 1",
        "sso_role_name = r",
        "region = eu-west-1",
    ];

    [Theory]
    [InlineData("[profile bad]\nje7MtGbClwBF\n", 6, "isn't a section, a property or a comment")]
    [InlineData("[profile bad]\n= je7MtGbClwBF\n", 6, "isn't a section, a property or a comment")]
    [InlineData("[profile bad je7MtGbClwBF\nregion = eu-west-1\n", 5, "without a closing bracket")]
    [InlineData("[profile bad]\ns3 =\n  je7MtGbClwBF\n", 6, "has no \"=\"")]
    [InlineData("[profile bad]\nregion = eu-west-1\n[profile bad]\noutput = je7MtGbClwBF\n", 7, "a duplicate of the section on line 5")]
    [InlineData("[profile bad]\nregion = eu-west-1\nregion = je7MtGbClwBF\n", 7, "a duplicate of the property on line 6")]
    [InlineData("[profile bad]\nregion = eu-west-1\n  [profile je7MtGbClwBF]\n", 7, "part of the property above")]
    [InlineData("[profile bad je7MtGbClwBF]\nregion = eu-west-1\n", 5, "a section with no name or several")]
    [InlineData("[profile \"bad je7MtGbClwBF]\nregion = eu-west-1\n", 5, "a section with no name or several")]
    public async Task List_FileWithAnOddLine_TellsWhereAndNotWhatAndTheOthersWork(string text, int line, string says)
    {
        Config(Good + text);

        var problem = Assert.Single(Services.Profiles.List().Problems);

        Assert.Equal((Path.Combine(Home, ".aws", "config"), line), (problem.File, problem.Line));
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("je7MtGbClwBF", problem.Message, StringComparison.Ordinal);
        await StartSessionAsync("good");
    }

    /// <summary>What stands in the place of a name may be what belongs into another line.</summary>
    [Theory]
    [InlineData($"[profile bad {Key}\nregion = eu-west-1\n", "without a closing bracket")]
    [InlineData($"[profile {Key}\nregion = eu-west-1\n", "without a closing bracket")]
    [InlineData($"[aws_secret_access_key = {Key}]\n", "name with an equals sign")]
    [InlineData($"[profile bad]\naws_session_token {Key}==\naws_session_token {Key}==\n", "a duplicate of the property on line 6")]
    [InlineData($"[profile bad]\n{Key}==\n{Key}==\n", "a duplicate of the property on line 6")]
    public async Task List_SecretInThePlaceOfAName_IsToldAsNeither(string text, string says)
    {
        Config(Good + text);
        await File.WriteAllTextAsync(
            Path.Combine(Home, ".aws", "credentials"),
            $"[{Key}\naws_access_key_id = A\n[dev aws_secret_access_key {Key}\n"
        );

        var list = Services.Profiles.List();

        Assert.Contains(list.Problems, problem => problem.Message.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(
            Key,
            $"{string.Join('\n', list.Problems)}\n{string.Join('\n', list.Profiles)}",
            StringComparison.OrdinalIgnoreCase
        );
        await StartSessionAsync("good");
    }

    [Theory]
    [InlineData($"region = {Key}", "The region of the profile \"bad\" isn't a valid AWS region")]
    [InlineData($"region = eu-west-1\nrole_arn = arn:aws:iam::1:role/R\nsource_profile = {Key}", "has the source_profile (hidden")]
    [InlineData($"region = eu-west-1\nsso_session = {Key}\nsso_account_id = 1\nsso_role_name = R", "There is no sso-session (hidden")]
    [InlineData(
        $"region = eu-west-1\nsso_start_url = https://a.example\nsso_region = {Key}\nsso_account_id = 1\nsso_role_name = R",
        "The sso_region of the profile \"bad\" isn't"
    )]
    [InlineData(
        "region = eu-west-1\nsso_start_url = https://jane:hunter2@a.example\nsso_region = eu-west-1\nsso_account_id = 1\nsso_role_name = R",
        "must be an https URL without user name"
    )]
    [InlineData(
        $"region = eu-west-1\naws_access_key_id = A\naws_secret_access_key = s\nservices = {Key}",
        "refers to the services section (hidden"
    )]
    [InlineData(
        $"region = eu-west-1\naws_access_key_id = A\naws_secret_access_key = s\nca_bundle = {Key}",
        "The certificate bundle (a relative path, hidden because"
    )]
    [InlineData(
        $"region = eu-west-1\nrole_arn = arn:aws:iam::1:role/R\nweb_identity_token_file = {Key}",
        "The token file (a relative path, hidden because"
    )]
    public async Task Profile_SecretInThePlaceOfAnotherValue_IsNotQuoted(string properties, string says)
    {
        Config($"{Good}[profile bad]\n{properties}\n");
        Environment.Remove("AWS_REGION");
        Environment.Remove("AWS_ENDPOINT_URL");

        var e = await Assert.ThrowsAsync<AwsException>(() => StartSessionAsync("bad"));

        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, $"{e} {string.Join('\n', Services.Profiles.List().Profiles)}", StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_PropertyBeforeTheFirstSection_TellsItsName()
    {
        Config("aws_secret_access_key = je7MtGbClwBF\n" + Good);
        var problem = Assert.Single(Services.Profiles.List().Problems);
        Assert.Equal((1, "aws_secret_access_key"), (problem.Line, problem.Key));
        Assert.DoesNotContain("je7MtGbClwBF", problem.Message, StringComparison.Ordinal);
        await StartSessionAsync("good");
    }

    [Theory]
    [InlineData("region")]
    [InlineData("role_arn")]
    [InlineData("source_profile")]
    [InlineData("sso_start_url")]
    [InlineData("sso_session")]
    [InlineData("sso_region")]
    [InlineData("credential_source")]
    [InlineData("external_id")]
    [InlineData("web_identity_token_file")]
    [InlineData("aws_access_key_id")]
    [InlineData("endpoint_url")]
    [InlineData("ca_bundle")]
    public async Task For_SecretIndentedUnderAProperty_DoesNotQuoteIt(string property)
    {
        var others = Others.Where(line => !line.StartsWith(property, StringComparison.Ordinal));
        Config(
            $"{Good}[profile bad]\n{property} = x\n  aws_secret_access_key = je7MtGbClwBF\n{string.Join('\n', property.StartsWith("sso", StringComparison.Ordinal) ? others.Skip(2) : others)}\n"
        );

        var e = await Assert.ThrowsAnyAsync<AwsException>(() => StartSessionAsync("bad"));

        Assert.DoesNotContain("je7MtGbClwBF", e.ToString(), StringComparison.Ordinal);
        Assert.All(
            Services.Profiles.List().Profiles,
            profile => Assert.DoesNotContain("je7MtGbClwBF", profile.ToString(), StringComparison.Ordinal)
        );
        Assert.DoesNotContain(Logs.Lines, line => line.Contains("je7MtGbClwBF", StringComparison.Ordinal));
    }

    [Fact]
    public void List_FileOfAnotherKind_IsReadFastAndToldInPart()
    {
        Config(string.Concat(Enumerable.Range(0, 200_000).Select(i => $"[{i}]\nx\n")));
        Assert.InRange(Services.Profiles.List().Problems.Count, 1, 100);
    }

    [Fact]
    public void Read_Utf16WithAMark_IsRead()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Home, ".aws")).FullName;
        File.WriteAllText(Path.Combine(folder, "config"), "[profile dev]\nregion = eu-west-1\n", System.Text.Encoding.Unicode);
        Assert.Equal("eu-west-1", SharedFiles.Read(Environment.GetValueOrDefault).Find("dev")!["region"]);
    }
}
