using System.Runtime.Versioning;
using RdsTunnel.Rpc;

namespace RdsTunnel.Host.Tests;

public sealed class LocalPasswordSourceTests : IDisposable
{
    private const string Password = "correct-horse-battery";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rds-tunnel-password-");
    private readonly StringWriter _screen = new();
    private OpenTunnelParams _tunnel = new(5432, Host: "db", Login: "iam", User: "app", LocalPassword: true);

    [Fact]
    public void TryAdd_WithoutALocalPassword_AsksNobody()
    {
        _tunnel = _tunnel with { LocalPassword = false };
        Assert.True(TryAdd(variable: Password));
        Assert.Null(_tunnel.LocalPasswordText);
    }

    [Fact]
    public void TryAdd_Variable_IsTaken()
    {
        Assert.True(TryAdd(variable: Password));
        Assert.Equal(Password, _tunnel.LocalPasswordText);
        Assert.Equal("", _screen.ToString());
    }

    [Theory]
    [InlineData(Password)]
    [InlineData(Password + "\n")]
    [InlineData("\ufeff" + Password + "\n")]
    [InlineData(Password + "\r\nanother line\n")]
    public void TryAdd_File_GivesItsFirstLineBeforeTheVariable(string content)
    {
        Assert.True(TryAdd(file: Written(content), variable: "another-password-altogether"));
        Assert.Equal(Password, _tunnel.LocalPasswordText);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("")]
    [InlineData("has a space in between")]
    public void TryAdd_APasswordThatIsNone_IsRefusedAndNotShown(string content)
    {
        Assert.False(TryAdd(file: Written(content + "\n")));
        Assert.False(TryAdd(variable: content));
        Assert.Contains("The local password in RDS_TUNNEL_LOCAL_PASSWORD ", _screen.ToString(), StringComparison.Ordinal);
        Assert.True(content.Length == 0 || !_screen.ToString().Contains(content, StringComparison.Ordinal));
        Assert.Null(_tunnel.LocalPasswordText);
    }

    [Fact]
    public void TryAdd_AFileThatIsMissingOrTooLong_IsRefused()
    {
        Assert.False(TryAdd(file: Path.Combine(_folder.FullName, "missing")));
        Assert.False(TryAdd(file: _folder.FullName));
        Assert.False(TryAdd(file: Written(new string('x', 4097))));
        Assert.Contains("can't be used", _screen.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")] // where there are no modes of files
    public void TryAdd_AFileThatEverybodyCanRead_IsRefused()
    {
        var file = Written(Password);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.False(TryAdd(file: file));
        Assert.Contains("every user", _screen.ToString(), StringComparison.Ordinal);
    }

    [UnixFact]
    public void TryAdd_APipeThatNobodyWritesToOrADeviceWithoutAnEnd_IsRefused()
    {
        var pipe = Path.Combine(_folder.FullName, "pipe");
        using (var make = System.Diagnostics.Process.Start("mkfifo", ["-m", "600", pipe]))
        {
            make.WaitForExit();
            Assert.Equal(0, make.ExitCode);
        }

        Assert.False(TryAdd(file: pipe));
        Assert.False(TryAdd(file: "/dev/zero"));
        Assert.Contains("within 2 s", _screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void TryAdd_NothingGiven_MakesOneAndShowsItOnATerminalAlone()
    {
        Assert.False(TryAdd());
        Assert.Null(_tunnel.LocalPasswordText);
        Assert.Contains("RDS_TUNNEL_LOCAL_PASSWORD is missing", _screen.ToString(), StringComparison.Ordinal);
        Assert.True(TryAdd(isTerminal: true));
        Assert.EndsWith(
            $"Local password, shown only now: {_tunnel.LocalPasswordText}{Environment.NewLine}",
            _screen.ToString(),
            StringComparison.Ordinal
        );
        Assert.Null(_tunnel.Read(out _));
        var first = _tunnel.LocalPasswordText;
        Assert.True(TryAdd(isTerminal: true));
        Assert.NotEqual(first, _tunnel.LocalPasswordText);
    }

    [Fact]
    public void ToString_OfWhatHoldsIt_HidesIt()
    {
        Assert.True(TryAdd(variable: Password));
        _tunnel.Read(out var request);
        Assert.Equal(Password, request.LocalPasswordText);
        Assert.DoesNotContain(Password, $"{_tunnel}{request}", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _screen.Dispose();
    }

    private bool TryAdd(string? file = null, string? variable = null, bool isTerminal = false) =>
        new LocalPasswordSource(file).TryAddTo(
            ref _tunnel,
            name => name == "RDS_TUNNEL_LOCAL_PASSWORD" ? variable : null,
            new Terminal(TextReader.Null, _screen, isTerminal)
        );

    private string Written(string content)
    {
        var path = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }
}
