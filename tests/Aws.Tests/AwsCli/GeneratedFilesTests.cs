using System.Text.Json.Nodes;
using RdsTunnel.Aws.Configuration;
using Xunit;
using Xunit.Abstractions;

namespace RdsTunnel.Aws.Tests.AwsCli;

/// <summary>Files that nobody would write: each property that the AWS CLI finds is found, with the same value, and no other.</summary>
public sealed class GeneratedFilesTests(ITestOutputHelper output) : IDisposable
{
    private const int Files = 400;

    private static readonly string[] Headers =
    [
        "[profile {0}]",
        "[profile \"{0} x\"]",
        "[default]",
        "[profile {0}] # x",
        "[profile {0}] [y]",
        "[profile  {0} ]",
        "[profile '{0}'] ; x",
        "[{0}]",
        "[sso-session {0}]",
        "[profile {0} y]",
        "[profile \"{0}]",
        "[profile\t{0}]",
        "[profile {0}\\ z]",
        "[profiles {0}]",
        "[ profile {0}]",
        "[DEFAULT]",
    ];

    private static readonly string[] Lines =
    [
        "key{0} = value",
        "Key{0}:value",
        "key{0}=",
        "key{0} = a # b ; c",
        "key{0} : a=b",
        "key{0} = \"quoted\"",
        "key {0} = two",
        "key{0}\t=\tx",
        "more{0}",
        "inner{0} = y",
        "",
        "",
        "   ",
        "# comment",
        "  ; comment",
        "key{0} = é\u00a0",
        "key{0} = a\fb",
        "key{0} = [x]",
        "key{0} = \u2028",
        "key{0} =\u001c x",
    ];

    private static readonly string[] Indents = ["", "", "", "", " ", "  ", "    ", "\t", "\f", "\u00a0 "];
    private static readonly string[] Breaks = ["\n", "\n", "\n", "\r\n", "\r"];

    private readonly DirectoryInfo _homes = Directory.CreateTempSubdirectory("rds-tunnel-generated-");

    public void Dispose() => _homes.Delete(recursive: true);

    [AwsCliFact]
    public void Read_GeneratedFiles_HaveTheAwsClisProperties()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var homes = Enumerable.Range(0, Files).Select(i => Write(_homes.CreateSubdirectory($"{i}/.aws"), random)).ToList();
        var theirs = AwsCliLibrary.Ask(
            "answers.py",
            homes.Select(home => new JsonObject
            {
                ["env"] = new JsonObject { ["HOME"] = home },
                ["profile"] = null,
                ["parse"] = true,
            })
        );

        // What the AWS CLI refuses is another test's.
        var readable = homes.Zip(theirs).Where(pair => pair.Second is JsonObject).ToList();
        Assert.InRange(readable.Count, Files / 4, Files);
        Assert.All(
            readable,
            pair =>
            {
                var files = SharedFiles.Read(new Dictionary<string, string> { ["HOME"] = pair.First }.GetValueOrDefault);
                var profiles = pair.Second.AsObject();
                Assert.Equal(
                    profiles.Select(profile => profile.Key).Order(StringComparer.Ordinal),
                    files.ProfileNames.Order(StringComparer.Ordinal)
                );
                Assert.All(
                    profiles,
                    profile =>
                        AssertSame(
                            profile.Value!.AsObject(),
                            files.Find(profile.Key)!,
                            File.ReadAllText(Path.Combine(pair.First, ".aws", "config"))
                        )
                );
            }
        );
    }

    private static void AssertSame(JsonObject theirs, ProfileSection ours, string file)
    {
        Assert.Equal(
            theirs.Select(property => property.Key).Order(StringComparer.Ordinal),
            (ours.Config ?? ours.Credentials)!.Properties.Distinct().Order(StringComparer.Ordinal)
        );
        foreach (var (name, value) in theirs)
        {
            if (value is JsonObject nested)
            {
                Assert.All(nested, inner => Assert.Equal(inner.Value!.GetValue<string>(), ours.Config!.Nested(name, inner.Key) ?? ""));
            }
            else
            {
                Assert.True(
                    value!.GetValue<string>() == (ours.Text(name) ?? ""),
                    $"{name}: {value.ToJsonString()} and {ours.Text(name)} in {JsonValue.Create(file).ToJsonString()}"
                );
            }
        }
    }

    private static string Write(DirectoryInfo folder, Random random)
    {
        var text = "";
        for (var i = 0; i < random.Next(1, 25); i++)
        {
            var isHeader = i == 0 || random.Next(6) == 0;
            var (lines, indents) = isHeader ? (Headers, Indents[..5]) : (Lines, Indents);
            text +=
                indents[random.Next(indents.Length)]
                + string.Format(System.Globalization.CultureInfo.InvariantCulture, lines[random.Next(lines.Length)], i)
                + Breaks[random.Next(Breaks.Length)];
        }

        File.WriteAllText(Path.Combine(folder.FullName, "config"), text);
        return folder.Parent!.FullName;
    }
}
