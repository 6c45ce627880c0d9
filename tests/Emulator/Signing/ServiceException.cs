namespace RdsTunnel.Emulator.Signing;

/// <summary>A refusal in the service's own words: an error code, a status and a message for people.</summary>
internal sealed class ServiceException(string code, string message, int statusCode = StatusCodes.Status400BadRequest) : Exception(message)
{
    public string Code { get; } = code;

    public int StatusCode { get; } = statusCode;
}
