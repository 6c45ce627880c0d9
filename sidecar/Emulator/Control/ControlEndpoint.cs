using System.Text.Json.Nodes;
using RdsTunnel.Emulator.Faults;
using RdsTunnel.Emulator.Sessions;

namespace RdsTunnel.Emulator.Control;

internal sealed class ControlEndpoint(SessionRegistry sessions, ApiFaults apiFaults)
{
    public const string PathPrefix = "/_emulator/";

    public Task InvokeAsync(HttpContext context)
    {
        _ = sessions; _ = apiFaults;
        return context.Response.WriteAsync(new JsonObject().ToJsonString());
    }
}
