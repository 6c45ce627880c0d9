using RdsTunnel.Aws.Configuration;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>What cannot be read is told with its file and its line, and without its text; what stands beside it goes on working.</summary>
public sealed class ConfigurationProblemTests : IdentityFixture
{
    private const string Good = "[profile good]\nregion = eu-west-1\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";

    private static readonly string[] Others = ["role_arn = arn", "source_profile = good", "sso_account_id = 1", "sso_role_name = r", "region = eu-west-1"];

    [Theory]
    [InlineData("[profile bad]\nje7MtGbClwBF\n", 6, "no section, property or comment")]
    [InlineData("[profile bad]\n= je7MtGbClwBF\n", 6, "no section, property or comment")]
    [InlineData("[profile bad je7MtGbClwBF\nregion = eu-west-1\n", 5, "without a closing bracket")]
    [InlineData("[profile bad]\ns3 =\n  je7MtGbClwBF\n", 6, "has no \"=\"")]
    [InlineData("[profile bad]\nregion = eu-west-1\n[profile bad]\noutput = je7MtGbClwBF\n", 7, "begins in line 5 already")]
    [InlineData("[profile bad]\nregion = eu-west-1\nregion = je7MtGbClwBF\n", 7, "stands in line 6 already")]
    [InlineData("[profile bad]\nregion = eu-west-1\n  [profile je7MtGbClwBF]\n", 7, "belongs to the property above it")]
    [InlineData("[profile bad je7MtGbClwBF]\nregion = eu-west-1\n", 5, "a section without a name, or with more than one")]
    [InlineData("[profile \"bad je7MtGbClwBF]\nregion = eu-west-1\n", 5, "a section without a name, or with more than one")]
    public async Task List_FileWithAnOddLine_TellsWhereAndNotWhatAndTheOthersWork(string text, int line, string says)
    {
        Config(Good + text);

        var problem = Assert.Single(Services.Profiles.List().Problems);

        Assert.Equal((Path.Combine(Home, ".aws", "config"), line), (problem.File, problem.Line));
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("je7MtGbClwBF", problem.Message, StringComparison.Ordinal);
        await StartSessionAsync("good");
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
        Config($"{Good}[profile bad]\n{property} = x\n  aws_secret_access_key = je7MtGbClwBF\n{string.Join('\n', property.StartsWith("sso", StringComparison.Ordinal) ? others.Skip(2) : others)}\n");

        var e = await Assert.ThrowsAnyAsync<AwsException>(() => StartSessionAsync("bad"));

        Assert.DoesNotContain("je7MtGbClwBF", e.ToString(), StringComparison.Ordinal);
        Assert.All(Services.Profiles.List().Profiles, profile => Assert.DoesNotContain("je7MtGbClwBF", profile.ToString(), StringComparison.Ordinal));
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
