namespace RdsTunnel.Aws;

/// <summary>Host names as DNS compares them: case never matters, and nor does the dot at the end that marks a complete name.</summary>
public static class HostName
{
    /// <summary>The one spelling by which a host is looked up, kept and signed:
    /// <c>Orders.Example.COM.</c> becomes <c>orders.example.com</c>.</summary>
    public static string Normalize(string host) => (host is [.. { Length: > 0 } name, '.'] ? name : host).ToLowerInvariant();

    public static bool AreEqual(string? one, string? other) =>
        one is not null && other is not null && string.Equals(Normalize(one), Normalize(other), StringComparison.Ordinal);
}
