namespace RdsTunnel.Emulator.Faults;

/// <summary>What a direction does to its messages. Probabilities lie between 0 and 1 and are drawn for each message.</summary>
/// <param name="Drop">Lost.</param>
/// <param name="Duplicate">Delivered twice.</param>
/// <param name="Reorder">Held back until another message has passed it, or for 20 ms.</param>
/// <param name="Delay">Delivered after <see cref="DelayTime"/>; what follows passes it.</param>
/// <param name="IncludeAcknowledgements">False: only data (the handshake included) is touched.</param>
/// <param name="Seed">The same seed draws the same numbers.</param>
public sealed record LinkFaults(
    double Drop = 0,
    double Duplicate = 0,
    double Reorder = 0,
    double Delay = 0,
    TimeSpan DelayTime = default,
    bool IncludeAcknowledgements = false,
    int Seed = 0
);
