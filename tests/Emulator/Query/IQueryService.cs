using System.Xml.Linq;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.Query;

/// <summary>A service that speaks the query protocol.</summary>
internal interface IQueryService
{
    /// <summary>The service's name in signatures and in the names of permissions.</summary>
    string SigningName { get; }

    string AccessDeniedCode => "AccessDenied";

    /// <summary>The action bears a proof of its own in place of a signature.</summary>
    bool IsUnsigned(string action) => false;

    /// <returns>What is in the result.</returns>
    /// <exception cref="ServiceException">The call is refused.</exception>
    IEnumerable<XElement> Call(string action, IReadOnlyDictionary<string, string> form, string region, EmulatedCredential? caller);

    /// <summary>The answer around a result.</summary>
    XElement Envelope(string action, IEnumerable<XElement> result) =>
        new(
            $"{action}Response",
            new XElement($"{action}Result", result),
            new XElement("ResponseMetadata", new XElement("RequestId", Guid.NewGuid()))
        );

    XElement Error(string code, string message) =>
        new(
            "ErrorResponse",
            new XElement("Error", new XElement("Type", "Sender"), new XElement("Code", code), new XElement("Message", message)),
            new XElement("RequestId", Guid.NewGuid())
        );
}
