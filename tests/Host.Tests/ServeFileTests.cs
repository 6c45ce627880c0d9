using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using RdsTunnel.GraphTool;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host.Tests;

public sealed class ServeFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rds-tunnel-serve-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "tunnels.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_WholeFile_GivesEachTunnelWithItsPort()
    {
        var tunnels = Read(
            """
            {
              "$schema": "x", "reason": "nightly", // as editors read it
              "tunnels": [
                { "name": "orders", "host": "orders.example.com", "port": 5432, "localPort": 5433, "login": "secret", "secretId": "s", "localPassword": true },
                { "host": "billing.example.com", "port": 5432, "reason": "own" },
                { "name": "stock", "host": "stock.example.com", "port": 5432, "startJumpHost": true },
              ],
            }
            """
        );
        Assert.Equal(["orders", null, "stock"], tunnels.Select(tunnel => tunnel.Name));
        Assert.Equal([5433, 5432, 5434], tunnels.Select(tunnel => tunnel.LocalPort));
        Assert.Equal(["nightly", "own", "nightly"], tunnels.Select(tunnel => tunnel.Reason));
        Assert.Equal([true, false, false], tunnels.Select(tunnel => tunnel.LocalPasswordText == "long-enough-password"));
        Assert.True(tunnels[2].StartJumpHost);
    }

    [Theory]
    [InlineData("a\\u202eb", "b\\u2028c")]
    [InlineData("a\\u200bb", "\\u001b[2J")]
    public void Read_NamesThatATerminalWouldObey_AreToldWithoutIt(string name, string key)
    {
        var e = Assert.Throws<TeamFileException>(() =>
            Read($$"""{ "tunnels": [{ "name": "{{name}}", "host": "a", "port": 1, "{{key}}": 1 }] }""")
        );
        Assert.DoesNotContain(e.Message, c => char.IsControl(c) || c is '\u202e' or '\u2028' or '\u200b');
    }

    [Fact]
    public void Read_FirstPort_CountsUpwardsAndLeavesOutThoseThatAreTaken() =>
        Assert.Equal(
            [7000, 7001, 7002],
            Read(
                    """{ "tunnels": [{ "host": "a", "port": 5432 }, { "host": "b", "port": 3306, "localPort": 7001 }, { "host": "c", "port": 6379 }] }""",
                    firstPort: 7000
                )
                .Select(tunnel => tunnel.LocalPort)
        );

    [Fact]
    public void Read_SocketFiles_LeavesPortsToTheSystem() =>
        Assert.Equal(
            [(0, true)],
            Read("""{ "tunnels": [{ "name": "a", "host": "a", "port": 5432 }] }""", inFolder: _folder)
                .Select(tunnel => (tunnel.LocalPort, tunnel.Socket))
        );

    [Fact]
    public void Read_Names_SelectTunnels()
    {
        const string Two = """{ "tunnels": [{ "name": "a", "host": "a", "port": 1 }, { "name": "b", "host": "b", "port": 2 }] }""";
        Assert.Equal(["b"], Read(Two, ["b"]).Select(tunnel => tunnel.Name));
        Assert.Contains("there is no tunnel \"c\"", Problem(Two, ["c"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "tunnels": [{ "host": "a", "port": 1, "loclPort": 2 }] }""", "tunnels[0]: unknown key \"loclPort\"")]
    [InlineData("""{ "tunnel": [], "tunnels": [] }""", "unknown key \"tunnel\"")]
    [InlineData("""{ "tunnels": [{ "name": "a", "host": "a" }] }""", "tunnels[0] \"a\": \"port\" is missing.")]
    [InlineData("""{ "tunnels": [{ "name": "a", "host": "a", "port": "1" }] }""", "tunnels[0] \"a\": \"port\" must be a number.")]
    [InlineData("""{ "tunnels": [{ "name": "a", "host": "a", "port": 70000 }] }""", "tunnels[0] \"a\": \"port\" is 70000;")]
    [InlineData("""{ "tunnels": [{ "name": "a", "port": 1 }] }""", "tunnels[0] \"a\": \"host\" is missing")]
    [InlineData(
        """{ "tunnels": [{ "host": "a", "port": 5432, "login": "iam" }] }""",
        "tunnels[0]: \"user\" is missing: enter the database user"
    )]
    [InlineData("""{ "tunnels": ["a"] }""", "tunnels[0] must be an object.")]
    [InlineData("""{ "tunnels": {} }""", "expected an object with an array \"tunnels\"")]
    [InlineData("[]", "expected an object with an array \"tunnels\"")]
    [InlineData(
        """{ "tunnels": [{ "name": "a", "host": "a", "port": 1 }, { "name": "a", "host": "b", "port": 2 }] }""",
        "tunnels[1] \"a\": \"name\" is that of tunnels[0] \"a\", too."
    )]
    [InlineData(
        """{ "tunnels": [{ "host": "a", "port": 1, "localPort": 9 }, { "host": "b", "port": 2, "localPort": 9 }] }""",
        "tunnels[1]: \"localPort\" is 9, that of tunnels[0], too."
    )]
    [InlineData("""{ "tunnels": [{ "host": "a", "port": 1""", "isn't valid JSON (line 1)")]
    public void Read_WrongFile_NamesEntryAndKey(string text, string said)
    {
        var problem = Problem(text);
        Assert.StartsWith(Path, problem, StringComparison.Ordinal);
        Assert.Contains(said, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    public void Read_NameThatLeadsOutOfTheFolder_IsNoSocketFile(string name) =>
        Assert.Contains(
            "\"name\" can't be the name of a socket file",
            Problem($$"""{ "tunnels": [{ "name": "{{name}}", "host": "a", "port": 1 }] }""", inFolder: _folder),
            StringComparison.Ordinal
        );

    [Fact]
    public void Read_MissingLocalPassword_SaysWhichTunnelWantsIt() =>
        Assert.Contains(
            "tunnels[0] \"a\": \"localPassword\": There is none.",
            Assert
                .Throws<TeamFileException>(() =>
                    Read(
                        """{ "tunnels": [{ "name": "a", "host": "a", "port": 5432, "login": "iam", "user": "u", "localPassword": true }] }""",
                        localPassword: (null, "There is none.")
                    )
                )
                .Message,
            StringComparison.Ordinal
        );

    [UnsupportedOSPlatform("windows")]
    [UnixFact]
    public void Read_FileThatEverybodyMayChange_IsNotUsed()
    {
        File.WriteAllText(Path, """{ "tunnels": [] }""");
        File.SetUnixFileMode(Path, (UnixFileMode)0b110_100_110);
        Assert.Contains("every user of this machine can change it", Problem(null), StringComparison.Ordinal);
    }

    [Fact]
    public void KeysOfTunnel_Known_AreThoseOfTheSchema()
    {
        var schema = JsonNode.Parse(
            File.ReadAllText(
                System.IO.Path.Combine(
                    System.IO.Path.GetDirectoryName(DependencyDocument.Path)!,
                    "..",
                    "extension",
                    "schemas",
                    "rds-tunnels.schema.json"
                )
            )
        )!;
        Assert.Equal(
            schema["properties"]!["tunnels"]!["items"]!["properties"]!.AsObject().Select(each => each.Key).Order(StringComparer.Ordinal),
            ServeFile.KeysOfTunnel.Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Read_NoFile_SaysSo() => Assert.Contains("can't be read: it does not exist", Problem(null), StringComparison.Ordinal);

    private string Problem(string? text, string[]? names = null, string? inFolder = null) =>
        Assert.Throws<TeamFileException>(() => Read(text, names, inFolder: inFolder)).Message;

    private IReadOnlyList<TunnelRequest> Read(
        string? text,
        string[]? names = null,
        int? firstPort = null,
        string? inFolder = null,
        (string?, string?)? localPassword = null
    )
    {
        if (text is not null)
        {
            File.WriteAllText(Path, text);
        }

        return
        [
            .. ServeFile
                .Read(Path, names ?? [], firstPort, inFolder, () => localPassword ?? ("long-enough-password", null))
                .Select(each => each.Request),
        ];
    }
}
