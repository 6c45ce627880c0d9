using RdsTunnel.Aws.Configuration;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>The AWS CLI's files are read for each request and understood once; what changes in them counts at once.</summary>
public sealed class FilesReadTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("rds-tunnel-files-").FullName;
    private readonly Dictionary<string, string> _environment = [];

    public FilesReadTests()
    {
        _environment["HOME"] = _home;
        _environment["USERPROFILE"] = _home;
        Directory.CreateDirectory(Path.Combine(_home, ".aws"));
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public void Files_SayTheSame_AreUnderstoodOnce()
    {
        var resolver = new SettingsResolver(_environment.GetValueOrDefault);
        Assert.Same(resolver.Files(), resolver.Files());
        Write("config", "[default]\nregion = eu-west-1\n");
        var files = resolver.Files();
        Assert.Same(files, resolver.Files());
        Write("credentials", "[default]\n");
        Assert.NotSame(files, resolver.Files());
    }

    // Within the same tick of the clock, too, and with the time of the file put back.
    [Fact]
    public void Files_OneLetterIsAnother_CountsAtOnce()
    {
        var resolver = new SettingsResolver(_environment.GetValueOrDefault);
        for (var i = 0; i < 50; i++)
        {
            Write("config", $"[default]\nregion = eu-west-{i % 9}\n");
            File.SetLastWriteTimeUtc(Path.Combine(_home, ".aws", "config"), DateTime.UnixEpoch);
            Assert.Equal($"eu-west-{i % 9}", resolver.Files().Find("default")!["region"]);
        }
    }

    [Fact]
    public void Files_ComeAndGo_CountAtOnce()
    {
        var resolver = new SettingsResolver(_environment.GetValueOrDefault);
        Assert.Null(resolver.Files().Find("default"));
        Write("credentials", "[default]\naws_access_key_id = AKID\n");
        Assert.Equal("AKID", resolver.Files().Find("default")!["aws_access_key_id"]);
        File.Delete(Path.Combine(_home, ".aws", "credentials"));
        Assert.Null(resolver.Files().Find("default"));
        Directory.CreateDirectory(Path.Combine(_home, ".aws", "credentials"));
        Assert.Contains(resolver.Files().Problems, problem => problem.Line == 0);
        Directory.Delete(Path.Combine(_home, ".aws", "credentials"));
        Assert.Empty(resolver.Files().Problems);
    }

    [Fact]
    public void Files_TheEnvironmentNamesAnother_CountsAtOnce()
    {
        var resolver = new SettingsResolver(_environment.GetValueOrDefault);
        Write("config", "[default]\nregion = eu-west-1\n");
        Write("other", "[default]\nregion = eu-west-1\n");
        Assert.Equal(Path.Combine(_home, ".aws", "config"), resolver.Files().ConfigPath);
        _environment["AWS_CONFIG_FILE"] = Path.Combine(_home, ".aws", "other");
        Assert.Equal(Path.Combine(_home, ".aws", "other"), resolver.Files().ConfigPath);
    }

    [Fact]
    public void Source_KeysInTheEnvironment_ReadsNoFile()
    {
        _environment["AWS_ACCESS_KEY_ID"] = "AKID";
        _environment["AWS_SECRET_ACCESS_KEY"] = "secret";
        var sources = new CredentialSources(
            () => throw new InvalidOperationException("The files are read."),
            _environment.GetValueOrDefault,
            "eu-west-1"
        );
        Assert.IsType<CredentialSource.Keys>(sources.OfEnvironment("default"));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_home, ".aws", name), text);
}
