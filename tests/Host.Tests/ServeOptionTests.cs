using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RdsTunnel.Host.Tests;

public sealed class ServeOptionTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("30", 30)]
    [InlineData("0", 0)]
    [InlineData("500ms", 0.5)]
    [InlineData("1m30s", 90)]
    [InlineData("1h2m3.5s", 3723.5)]
    [InlineData("24h", 86400)]
    public void DurationOf_Text_IsRead(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), ServeArguments.DurationOf(text));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1d")]
    [InlineData("30s1m")]
    [InlineData("24h1s")]
    [InlineData("1,5s")]
    public void DurationOf_AnythingElse_IsNone(string text) => Assert.Null(ServeArguments.DurationOf(text));

    [Fact]
    public void JsonLog_Entry_IsOneLineWithItsValues()
    {
        var log = new JsonLog();
        KeyValuePair<string, object?>[] state =
        [
            new("Port", 5432),
            new("Name", "a\n\u2028\"b"),
            new("Delay", TimeSpan.FromSeconds(1)),
            new("{OriginalFormat}", "…"),
        ];
        var line = log.Line(
            new LogEntry<KeyValuePair<string, object?>[]>(
                LogLevel.Warning,
                "Tunnels",
                new EventId(7),
                state,
                new IOException("secret"),
                (_, _) => "first\nsecond"
            ),
            DateTimeOffset.UnixEpoch
        );
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain('\u2028', line);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
        var entry = JsonNode.Parse(line)!;
        Assert.Equal("WARNING", (string?)entry["severity"]);
        Assert.Equal("1970-01-01T00:00:00.000Z", (string?)entry["timestamp"]);
        Assert.Equal("first\nsecond", (string?)entry["message"]);
        Assert.Equal("Tunnels", (string?)entry["logger"]);
        Assert.Equal(7, (int)entry["event"]!);
        Assert.Equal("""{"Port":5432,"Name":"a\n\u2028\u0022b","Delay":"00:00:01"}""", entry["fields"]!.ToJsonString());
        Assert.StartsWith("System.IO.IOException", (string?)entry["exception"], StringComparison.Ordinal);
        Assert.Equal(3, (int)JsonNode.Parse(log.Dropped(3, DateTimeOffset.UnixEpoch))!["dropped"]!);
    }

    [UnsupportedOSPlatform("windows")]
    [UnixFact]
    public void Notify_Socket_IsTold()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("rds-tunnel-notify-").FullName, "notify");
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(path));
        var notify = new ServeNotify(name => name == "NOTIFY_SOCKET" ? path : null, NullLogger<ServeNotify>.Instance);
        notify.Ready("2 tunnels");
        notify.Stopping("Draining");
        var message = new byte[256];
        Assert.Equal("READY=1\nSTATUS=2 tunnels", Encoding.UTF8.GetString(message, 0, systemd.Receive(message)));
        Assert.Equal("STOPPING=1\nSTATUS=Draining", Encoding.UTF8.GetString(message, 0, systemd.Receive(message)));
        systemd.Dispose();
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        // Nobody listens any more: that ends nothing.
        notify.Stopping("Draining");
        new ServeNotify(_ => null, NullLogger<ServeNotify>.Instance).Ready("");
    }
}
