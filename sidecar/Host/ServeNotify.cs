using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using RdsTunnel.Faults;

namespace RdsTunnel.Host;

/// <summary>Tells systemd how the service gets on (sd_notify), where it wants to know: <c>Type=notify</c>.</summary>
/// <param name="environment">Names the socket.</param>
internal sealed partial class ServeNotify(Func<string, string?> environment, ILogger<ServeNotify> logger)
{
    private const string Variable = "NOTIFY_SOCKET";

    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Stopping(string status) => Send($"STOPPING=1\nSTATUS={status}");

    private void Send(string state)
    {
        if (environment(Variable) is not { Length: > 1 } address || OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // An abstract name begins with a zero, for which the variable has an @.
            socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address[1..]}" : address));
            socket.Send(Encoding.UTF8.GetBytes(state));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            LogNotTold(SafeText.Describe(e));
        }
    }

    [LoggerMessage(734, LogLevel.Warning, "systemd couldn't be notified: {Reason}")]
    private partial void LogNotTold(string reason);
}
