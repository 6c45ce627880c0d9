using RdsTunnel.Databases;
using RdsTunnel.Programs;

namespace RdsTunnel.Host.Tests;

public sealed class AuthorityFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rds-tunnel-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Locate_FileThatIsAnother_IsWrittenAnew()
    {
        var path = Path.Combine(_folder, "new", "bundle.pem");
        var file = new AuthorityFile(path, _ => null);
        Assert.Equal(path, file.Locate());
        File.WriteAllText(path, "something else");
        Assert.Equal(path, file.Locate());
        Assert.Equal(RdsAuthorities.Pem, File.ReadAllText(path));
    }

    [Fact]
    public void Locate_WithoutAPlace_IsOneFileOfTheProcess()
    {
        var file = new AuthorityFile(null, _ => null);
        var path = file.Locate();
        Assert.Equal(path, file.Locate());
        Assert.Equal(RdsAuthorities.Pem, File.ReadAllText(path));
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void Locate_FileThatTheUserNames_IsThatOne() =>
        Assert.Equal(
            "/own.pem",
            new AuthorityFile(Path.Combine(_folder, "bundle.pem"), name => name == "PGSSLROOTCERT" ? "/own.pem" : null).Locate()
        );

    [Fact]
    public void Locate_FromManyThreads_IsAlwaysWhole()
    {
        var file = new AuthorityFile(Path.Combine(_folder, "bundle.pem"), _ => null);
        Parallel.For(0, 16, _ => Assert.Equal(RdsAuthorities.Pem, File.ReadAllText(file.Locate())));
        Assert.Single(Directory.GetFiles(_folder));
    }
}
