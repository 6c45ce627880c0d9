using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.AwsRest;

/// <summary>A service that speaks REST-JSON: its operations are paths.</summary>
internal interface IRestService
{
    /// <summary>The service's name in signatures and in the names of permissions.</summary>
    string SigningName { get; }

    string AccessDeniedCode => "AccessDeniedException";

    /// <returns>The operation at a path, and what the path names; null when there is none.</returns>
    /// <param name="path">Its segments, decoded.</param>
    (string Operation, string Subject)? Route(string method, IReadOnlyList<string> path);

    /// <exception cref="ServiceException">The call is refused.</exception>
    JsonObject Call(string operation, string subject, RestInput input, string region);
}

/// <param name="Body">Empty when there was none.</param>
internal sealed record RestInput(IQueryCollection Query, JsonObject Body)
{
    /// <summary>A value of the query; null when it is not there.</summary>
    public string? this[string name] => Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <exception cref="ServiceException">It is no number.</exception>
    public int? Number(string name) =>
        this[name] is not { } text ? null
        : int.TryParse(text, out var number) ? number
        : throw new ServiceException("ValidationException", $"{name} is not a number");
}
