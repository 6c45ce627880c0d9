namespace RdsTunnel.Emulator.AwsJson;

/// <param name="Operation">Such as <c>StartSession</c>.</param>
/// <param name="Code">What the next calls fail with; null when they are executed but their answers are lost.</param>
public sealed record ApiFaultPlan(string Operation, string? Code = null, int StatusCode = 400, int Times = 1)
{
    internal void ApplyTo(ApiFaults faults)
    {
        if (Code is null)
        {
            faults.LoseAnswer(Operation, Times);
        }
        else
        {
            faults.Fail(Operation, Code, Times, StatusCode);
        }
    }
}
