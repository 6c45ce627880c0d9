namespace RdsTunnel.Emulator.AwsProxy;

/// <summary>An HTTPS proxy that answers for AWS's own names, for clients that know no endpoint override.</summary>
public sealed record AwsProxyOptions
{
    /// <summary>On 127.0.0.1; 0 chooses a free one.</summary>
    public int Port { get; init; }

    /// <summary><c>user:password</c>; null lets everybody in.</summary>
    public string? Credentials { get; init; }
}
