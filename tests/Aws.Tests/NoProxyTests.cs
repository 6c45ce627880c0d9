using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RdsTunnel.Aws.Http;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>Which hosts are reached directly: as curl and Go read the variables. What curl knows, too, is tried beside it.</summary>
public sealed class NoProxyTests
{
    private const string Rds = "rds.eu-central-1.amazonaws.com";

    /// <summary>Known to curl; the row's host is asked of it through a proxy that notes who comes.</summary>
    public static TheoryData<string, string, bool> KnownToCurl =>
        new()
        {
            { "", Rds, false },
            { "*", Rds, true },
            { "amazonaws.com", Rds, true },
            { ".amazonaws.com", Rds, true },
            { "AmazonAWS.com", Rds, true },
            { "amazonaws.com", "RDS.EU-CENTRAL-1.AMAZONAWS.COM", true },
            { Rds, Rds, true },
            { "." + Rds, Rds, true },
            { "aws.com", Rds, false },
            { "amazonaws.com.cn", Rds, false },
            { "sub." + Rds, Rds, false },
            { "example.com,amazonaws.com", Rds, true },
            { "example.com, amazonaws.com", Rds, true },
            { "example.com amazonaws.com", Rds, true },
            { " amazonaws.com ,", Rds, true },
            { ",,amazonaws.com,,", Rds, true },
            { "example.com,example.org", Rds, false },
            { "amazonaws.com.", Rds, true },
            { "10.1.2.3", "10.1.2.3", true },
            { "10.1.2.3", "10.1.2.33", false },
            { "10.0.0.0/8", "10.1.2.3", true },
            { "10.1.2.3/8", "10.200.2.3", true },
            { "10.0.0.0/8", "11.1.2.3", false },
            { "10.1.2.3/32", "10.1.2.3", true },
            { "10.0.0.0/33", "10.1.2.3", false },
            { "10.0.0.0/8", Rds, false },
            { "fd00::1", "[fd00::1]", true },
            { "fd00::1", "[fd00::2]", false },
            { "fd00::/8", "[fe80::1]", false },
        };

    /// <summary>As Go's documentation has it; curl knows none of it, or not in every version.</summary>
    [Theory]
    [InlineData("*.amazonaws.com", Rds, 443, true)]
    [InlineData("*.amazonaws.com", "amazonaws.com", 443, false)]
    [InlineData("*.aws.com", Rds, 443, false)]
    [InlineData(Rds + ":443", Rds, 443, true)]
    [InlineData(Rds + ":8443", Rds, 443, false)]
    [InlineData("amazonaws.com:443", Rds, 443, true)]
    [InlineData("10.1.2.3:443", "10.1.2.3", 443, true)]
    [InlineData("10.1.2.3:80", "10.1.2.3", 443, false)]
    [InlineData("[fd00::1]:443", "[fd00::1]", 443, true)]
    [InlineData("[fd00::1]:80", "[fd00::1]", 443, false)]
    [InlineData(" * ", Rds, 443, true)]
    [InlineData("0.0.0.0/0", "10.1.2.3", 443, true)]
    [InlineData("[fd00::1]", "[fd00::1]", 443, true)]
    [InlineData("fd00::/8", "[fdab::1]", 443, true)]
    [InlineData("example.com,*", Rds, 443, true)]
    [InlineData("amazonaws.com", Rds + ".", 443, true)]
    [InlineData("10.0.0.0/8", "[::ffff:10.1.2.3]", 443, true)]
    [InlineData(".", Rds, 443, false)]
    [InlineData("*.", Rds, 443, false)]
    [InlineData("a:b:c:d", Rds, 443, false)]
    [InlineData("[fd00::1", Rds, 443, false)]
    [InlineData("amazonaws.com:none", Rds, 443, false)]
    [InlineData("/", Rds, 443, false)]
    [InlineData("10.0.0.0/-1", "10.1.2.3", 443, false)]
    public void Covers_Entry_DecidesByNameAddressAndPort(string noProxy, string host, int port, bool isCovered) =>
        Assert.Equal(isCovered, NoProxy.Parse(noProxy).Covers(host, port));

    [Theory]
    [MemberData(nameof(KnownToCurl))]
    public void Covers_EntryThatCurlKnows_IsRead(string noProxy, string host, bool isCovered) =>
        Assert.Equal(isCovered, NoProxy.Parse(noProxy).Covers(host, 443));

    [Fact]
    public async Task Curl_SameEntries_SaysTheSame()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        using var stop = new CancellationTokenSource();
        var asked = 0;
        var accepting = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await proxy.AcceptTcpClientAsync(stop.Token);
                using var reader = new StreamReader(client.GetStream());
                if (await reader.ReadLineAsync(stop.Token) is { } line && line.StartsWith("CONNECT ", StringComparison.Ordinal))
                {
                    asked++; // before the connection is closed, which curl waits for
                }
            }
        });
        var differences = new List<string>();
        foreach (object[] row in KnownToCurl)
        {
            var (noProxy, host, isCovered) = ((string)row[0], (string)row[1], (bool)row[2]);
            var before = Volatile.Read(ref asked);
            await RunCurlAsync(proxy, noProxy, host);
            if (isCovered != (Volatile.Read(ref asked) == before))
            {
                differences.Add($"NO_PROXY=\"{noProxy}\" for {host}");
            }
        }

        Assert.Empty(differences);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);
    }

    [Theory]
    [InlineData("https_proxy=lower:1 HTTPS_PROXY=upper:1 ALL_PROXY=all:1", "http://lower:1/")]
    [InlineData("https_proxy= HTTPS_PROXY=upper:1", "http://upper:1/")]
    [InlineData("ALL_PROXY=all:1", "http://all:1/")]
    [InlineData("all_proxy=lower:1 ALL_PROXY=upper:1", "http://lower:1/")]
    [InlineData("HTTP_PROXY=plain:1", null)]
    [InlineData("", null)]
    [InlineData("HTTPS_PROXY=proxy.example", "http://proxy.example/")]
    [InlineData("HTTPS_PROXY=https://proxy.example", "https://proxy.example/")]
    [InlineData("HTTPS_PROXY=HTTP://proxy.example:3128/", "http://proxy.example:3128/")]
    [InlineData("HTTPS_PROXY=socks5h://proxy.example", "socks5://proxy.example:1080/")]
    [InlineData("HTTPS_PROXY=[fd00::1]:3128", "http://[fd00::1]:3128/")]
    [InlineData("HTTPS_PROXY=proxy:1 no_proxy=example.com NO_PROXY=amazonaws.com", "http://proxy:1/")]
    [InlineData("HTTPS_PROXY=proxy:1 NO_PROXY=amazonaws.com", null)]
    public void GetProxy_ByTheEnvironment_IsAsCurlHasIt(string variables, string? expected)
    {
        var environment = variables
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(each => each.Split('=', 2))
            .ToDictionary(each => each[0], each => each[1]);
        var proxy = OwnProxy.From(environment.GetValueOrDefault, system: null);

        foreach (var scheme in (string[])["https", "wss"])
        {
            var url = new Uri($"{scheme}://{Rds}/v1/data-channel/x");
            Assert.Equal(expected is null ? null : new Uri(expected), proxy.GetProxy(url));
            Assert.Equal(expected is null, proxy.IsBypassed(url));
        }

        Assert.Null(proxy.GetProxy(new Uri("https://localhost:4566/")));
        Assert.Null(proxy.GetProxy(new Uri("https://127.0.0.7/")));
        Assert.Null(proxy.GetProxy(new Uri("wss://[::1]/")));
    }

    [Theory]
    [InlineData("http://jane:s3cret@proxy:1", "jane", "s3cret")]
    [InlineData("jane:s3cret@proxy:1", "jane", "s3cret")]
    [InlineData("http://jane@proxy:1", "jane", "")]
    [InlineData("http://acme%5Cjane:p%40ss%3Aword@proxy:1", "acme\\jane", "p@ss:word")]
    [InlineData("http://jane:p@ss#w/rd?@proxy:1", "jane", "p@ss#w/rd?")]
    public void Credentials_InTheAddress_AreNotInItsUrl(string text, string user, string password)
    {
        var proxy = OwnProxy.From(name => name == "HTTPS_PROXY" ? text : null, system: null);

        Assert.Equal("http://proxy:1/", proxy.GetProxy(new Uri("https://example.com/"))!.AbsoluteUri);
        var credentials = proxy.Credentials!.GetCredential(new Uri("http://proxy:1/"), "Basic")!;
        Assert.Equal((user, password), (credentials.UserName, credentials.Password));
    }

    [Fact]
    public void GetProxy_NoneInTheEnvironment_IsTheSystems()
    {
        var proxy = OwnProxy.From(name => name == "NO_PROXY" ? "amazonaws.com" : null, new WebProxy("http://system.example:8080"));

        Assert.Equal("system.example", proxy.GetProxy(new Uri("https://example.com/"))!.Host);
        Assert.Null(proxy.GetProxy(new Uri($"https://{Rds}/")));
    }

    // Whoever is not asked of the proxy is looked for on a port where nobody is.
    private static async Task RunCurlAsync(TcpListener proxy, string noProxy, string host)
    {
        var start = new ProcessStartInfo("curl") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-s", "-k", "--globoff", "--connect-to", "::127.0.0.1:1", $"https://{host}/"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var variable in (string[])["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"])
        {
            start.Environment.Remove(variable);
        }

        start.Environment["HTTPS_PROXY"] = $"http://{proxy.LocalEndpoint}";
        start.Environment["NO_PROXY"] = noProxy;
        using var curl = Process.Start(start)!;
        await curl.WaitForExitAsync();
    }
}
