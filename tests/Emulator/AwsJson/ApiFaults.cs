namespace RdsTunnel.Emulator.AwsJson;

/// <summary>Faults of the service's API: each waits for the next calls of one operation, such as
/// <c>StartSession</c>. Thread-safe.</summary>
public sealed class ApiFaults
{
    private readonly Lock _gate = new();

    // Guarded by _gate; first in, first used.
    private readonly List<Pending> _pending = [];

    /// <summary>The next <paramref name="times"/> calls fail, for instance with
    /// <c>ThrottlingException</c> or, with status 500, <c>InternalServerError</c>.</summary>
    public void Fail(string operation, string code, int times = 1, int statusCode = 400, string message = "Injected fault") =>
        Add(operation, new ApiFault(code, statusCode, message), times);

    /// <summary>The next calls are executed, but the connection is cut in place of an answer.</summary>
    public void LoseAnswer(string operation, int times = 1) => Add(operation, ApiFault.LostAnswer, times);

    internal ApiFault? Take(string operation)
    {
        lock (_gate)
        {
            var index = _pending.FindIndex(pending => pending.Operation == operation);
            if (index < 0)
            {
                return null;
            }

            var pending = _pending[index];
            if (--pending.Times == 0)
            {
                _pending.RemoveAt(index);
            }

            return pending.Fault;
        }
    }

    private void Add(string operation, ApiFault fault, int times)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        lock (_gate)
        {
            _pending.Add(
                new Pending
                {
                    Operation = operation,
                    Fault = fault,
                    Times = times,
                }
            );
        }
    }

    private sealed class Pending
    {
        public required string Operation { get; init; }

        public required ApiFault Fault { get; init; }

        public required int Times { get; set; }
    }
}

internal sealed record ApiFault(string Code, int StatusCode, string Message)
{
    public static ApiFault LostAnswer { get; } = new("", 0, "");
}
