using System.Text;
using RdsTunnel.Aws.Configuration;
using Xunit;
using Xunit.Abstractions;

namespace RdsTunnel.Aws.Tests;

/// <summary>Files that no program wrote: what makes no sense is a problem, and never an exception.</summary>
public sealed class HostileConfigurationTests(ITestOutputHelper output) : IDisposable
{
    private const int Files = 2_000;

    private const string Config = """
        [default]
        region = eu-west-1
        [profile dev]   # a comment
        sso_session = acme
        sso_account_id = 111122223333
        s3 =
          endpoint_url = https://s3.example
        [sso-session acme]
        sso_start_url = https://acme.awsapps.com/start
        sso_region = eu-west-1
        [profile "with space"]
        source_profile = dev
        role_arn = arn:aws:iam::111122223333:role/x
        """;

    private static readonly string[] Pieces =
    [
        "[",
        "]",
        "=",
        "\n",
        "\r\n",
        " ",
        "\t",
        "#",
        ";",
        "\"",
        "\0",
        "profile ",
        "sso-session ",
        "default",
        "region",
        "source_profile = dev\n",
        "é",
        "\ufeff",
        "\ud83d\ude00",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("rds-tunnel-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_MadeUpOrMutatedFiles_NeverThrowAnythingButOurs()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var path = Path.Combine(_folder, "config");
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["AWS_CONFIG_FILE"] = path,
            ["AWS_SHARED_CREDENTIALS_FILE"] = path,
        };
        for (var i = 0; i < Files; i++)
        {
            File.WriteAllBytes(path, random.Next(2) == 0 ? MadeUp(random) : Mutated(random));
            var resolver = new SettingsResolver(environment.GetValueOrDefault);
            var files = resolver.Files();
            Assert.All(files.Problems, problem => Assert.Equal(path, problem.File));
            foreach (var name in files.ProfileNames.ToList())
            {
                OrAwsException(() => resolver.Resolve(new AwsScope(name)));
                OrAwsException(() => resolver.SourceOf(new AwsSettings(name, "eu-west-1", null, false, false)));
            }
        }
    }

    private static byte[] MadeUp(Random random) =>
        Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(200)).Select(_ => Pieces[random.Next(Pieces.Length)])));

    private static byte[] Mutated(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(Config);
        for (var changes = random.Next(1, 8); changes > 0; changes--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static void OrAwsException<T>(Func<T> call)
    {
        try
        {
            call();
        }
        catch (AwsException)
        {
            // What is allowed beside an answer.
        }
    }
}
