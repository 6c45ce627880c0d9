namespace RdsTunnel.Aws;

/// <summary>The calls that start a jump host and stop it again, by one identity in one region. Thread-safe.</summary>
/// <remarks>Every failure is an <see cref="AwsException"/> that names the permission, except cancellation.</remarks>
public interface IInstancePower
{
    /// <returns>Null when EC2 has no such instance here.</returns>
    Task<InstanceLook?> LookAsync(string instanceId, CancellationToken cancellationToken);

    /// <returns>False when it is in a state from which it can't be started.</returns>
    Task<bool> StartAsync(string instanceId, CancellationToken cancellationToken);

    /// <returns>False when it is in a state from which it can't be stopped.</returns>
    Task<bool> StopAsync(string instanceId, CancellationToken cancellationToken);

    Task TagAsync(string instanceId, string key, string value, CancellationToken cancellationToken);

    /// <summary>Whether its agent answers.</summary>
    Task<bool> IsOnlineAsync(string instanceId, CancellationToken cancellationToken);

    /// <summary>The sessions on it that are open, whoever started them.</summary>
    Task<IReadOnlyList<string>> ListSessionsAsync(string instanceId, CancellationToken cancellationToken);
}

/// <param name="LaunchedAt">When it was started last.</param>
public sealed record InstanceLook(InstanceState State, DateTimeOffset? LaunchedAt, IReadOnlyDictionary<string, string> Tags);

public enum InstanceState
{
    Pending,
    Running,
    Stopping,
    Stopped,

    /// <summary>It is being terminated, or has been.</summary>
    Gone,
}
