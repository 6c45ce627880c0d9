namespace RdsTunnel.Emulator.Sessions;

/// <summary>The times after which the service acts by itself.</summary>
/// <param name="ClientConnectionLifetime">A client's websocket is closed at this age with 1000 "Bye".</param>
/// <param name="IdleTimeout">A session without data either way for so long is over.</param>
/// <param name="MaximumDuration">A session of this age is over; null when the account sets no limit.</param>
public sealed record SessionLimits(TimeSpan ClientConnectionLifetime, TimeSpan IdleTimeout, TimeSpan? MaximumDuration = null)
{
    public static SessionLimits Default { get; } = new(TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(20));
}
