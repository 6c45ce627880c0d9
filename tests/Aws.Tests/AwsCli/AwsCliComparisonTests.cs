using System.Text.Json.Nodes;
using Xunit;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>Profiles, regions and sources of credentials: the AWS CLI and this project give the
/// same answers to the same files, row by row of cases.txt.</summary>
public sealed class AwsCliComparisonTests(AwsCliComparisonTests.Answers answers) : IClassFixture<AwsCliComparisonTests.Answers>
{
    private static readonly Dictionary<string, AwsCliRow> Rows = AwsCliRow.ReadAll().ToDictionary(row => row.Name);

    public static TheoryData<string> Compared => new(Rows.Values.Where(row => !row.IsNewer).Select(row => row.Name));

    public static TheoryData<string> Told => new(Rows.Values.Where(row => row.Ours is not null).Select(row => row.Name));

    [AwsCliTheory]
    [MemberData(nameof(Compared))]
    public void Answer_ToARow_IsTheAwsClisUnlessTheRowSaysWhyNot(string name)
    {
        var (theirs, ours) = (answers.Theirs[name], answers.Ours[name]);
        var isSame = JsonNode.DeepEquals(theirs, ours);
        Assert.True(isSame == (Rows[name].Differs is null), $"The AWS CLI: {theirs.ToJsonString()}\nThis project: {ours.ToJsonString()}");
    }

    [Theory]
    [MemberData(nameof(Told))]
    public void Answer_ToARowWithOurs_IsThat(string name) =>
        Assert.True(
            JsonNode.DeepEquals(Rows[name].Ours, answers.Ours[name]),
            $"Expected: {Rows[name].Ours!.ToJsonString()}\nActual: {answers.Ours[name].ToJsonString()}"
        );

    [Fact]
    public void Differences_AreInTheDocumentationWithTheSameReason()
    {
        var documentation = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "AwsCli", "configuration.md"));
        Assert.All(
            Rows.Values.Select(row => row.Differs).OfType<string>().Distinct(),
            reason => Assert.Contains(reason, documentation, StringComparison.OrdinalIgnoreCase)
        );
    }

    /// <summary>All answers: the Python process starts once.</summary>
    public sealed class Answers : IDisposable
    {
        private readonly DirectoryInfo _homes = Directory.CreateTempSubdirectory("rds-tunnel-aws-cli-");

        public Answers()
        {
            var questions = Rows
                .Values.Select((row, i) => (Row: row, Environment: row.WriteTo(_homes.CreateSubdirectory($"{i}").FullName)))
                .ToList();
            Ours = questions.ToDictionary(
                question => question.Row.Name,
                question => OurAnswers.To(question.Environment, question.Row.Profile)
            );
            var theirs = AwsCliLibrary.Missing is null
                ? AwsCliLibrary.Ask(
                    "answers.py",
                    questions.Select(question => new JsonObject
                    {
                        ["env"] = new JsonObject(
                            question.Environment.Select(variable => KeyValuePair.Create(variable.Key, (JsonNode?)variable.Value))
                        ),
                        ["profile"] = question.Row.Profile,
                    })
                )
                : [];
            Theirs = questions.Zip(theirs).ToDictionary(pair => pair.First.Row.Name, pair => pair.Second);
        }

        public IReadOnlyDictionary<string, JsonNode> Ours { get; }

        public IReadOnlyDictionary<string, JsonNode> Theirs { get; }

        public void Dispose() => _homes.Delete(recursive: true);
    }
}
