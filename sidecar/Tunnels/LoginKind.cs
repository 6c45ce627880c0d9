namespace RdsTunnel.Tunnels;

/// <summary>The values of <see cref="TunnelRequest.Login"/>.</summary>
public static class LoginKind
{
    /// <summary>With a fresh token of IAM for each connection.</summary>
    public const string Iam = "iam";

    /// <summary>With user and password of a secret of Secrets Manager.</summary>
    public const string Secret = "secret";

    /// <summary>TLS alone: the tool signs in by itself, in plain text on this machine.</summary>
    public const string Tls = "tls";

    public static IReadOnlyList<string> All { get; } = [Iam, Secret, Tls];
}
