using System.Globalization;

namespace RdsTunnel.Diagnosis;

/// <summary>Says how far this computer's clock is off. Tunnels allow for it, so it fails no step.</summary>
internal static class ClockAdvice
{
    private const string Advice =
        "Correct this computer's clock, or turn on automatic time. Tunnels and IAM tokens already use AWS's time, but other tools may fail.";

    /// <param name="offset">AWS's time minus this computer's; zero for a clock that is right.</param>
    public static CheckStep AddTo(CheckStep step, TimeSpan offset) =>
        offset == TimeSpan.Zero
            ? step
            : step with
            {
                Message =
                    $"{step.Message} This computer's clock is {Describe(offset.Duration())} {(offset > TimeSpan.Zero ? "behind" : "ahead of")} AWS's.",
                Advice = step.Advice is { } advice ? $"{advice} {Advice}" : Advice,
            };

    private static string Describe(TimeSpan time) =>
        time switch
        {
            { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
            { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min"),
            { TotalDays: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} h"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days"),
        };
}
