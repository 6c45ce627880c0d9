using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Signing;

namespace RdsTunnel.Emulator.AwsJson;

/// <summary>A service that speaks JSON 1.1: <c>X-Amz-Target: &lt;TargetPrefix&gt;.&lt;operation&gt;</c>.</summary>
internal interface IAwsJsonService
{
    string TargetPrefix { get; }

    /// <summary>The service's name in signatures and in the names of permissions.</summary>
    string SigningName { get; }

    /// <param name="caller">Who signed the call.</param>
    /// <param name="region">That the call was signed for.</param>
    /// <param name="address">Where the caller has found this service.</param>
    /// <exception cref="ServiceException">The call is refused.</exception>
    JsonObject Call(string operation, JsonObject input, EmulatedCredential caller, string region, Uri address);
}
