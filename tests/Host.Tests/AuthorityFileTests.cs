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

    [UnixFact]
    public void Locate_SomethingWithoutAnEndInItsPlace_IsReplaced()
    {
        foreach (var place in new Action<string>[] { path => File.CreateSymbolicLink(path, "/dev/zero"), Pipe })
        {
            var path = Path.Combine(_folder, "bundle.pem");
            place(path);
            Assert.Equal(path, new AuthorityFile(path, _ => null).Locate());
            Assert.Equal(RdsAuthorities.Pem, File.ReadAllText(path));
            File.Delete(path);
        }

        static void Pipe(string path) => System.Diagnostics.Process.Start("mkfifo", [path]).WaitForExit();
    }

    [UnixFact]
    public void Locate_AFolderInItsPlace_IsElsewhereAndLeavesNothingBehind()
    {
        var path = Path.Combine(_folder, "bundle.pem");
        Directory.CreateDirectory(path);
        var located = new AuthorityFile(path, _ => null).Locate();
        Assert.NotEqual(path, located);
        Assert.Equal(RdsAuthorities.Pem, File.ReadAllText(located));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
        Directory.Delete(Path.GetDirectoryName(located)!, recursive: true);
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
