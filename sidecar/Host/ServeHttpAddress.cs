using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;

namespace RdsTunnel.Host;

/// <summary>The options that say where a headless process answers over HTTP.</summary>
internal sealed class ServeHttpAddress
{
    private const string Localhost = "localhost";
    private const int DefaultPort = 9090;

    private readonly Option<string> _address = new("--http-address")
    {
        Description = "Address of the HTTP server for health checks and metrics.",
        DefaultValueFactory = _ => Localhost,
    };
    private readonly Option<int> _port = new("--http-port")
    {
        Description = "Port of the HTTP server for health checks and metrics.",
        DefaultValueFactory = _ => DefaultPort,
    };

    public Option[] Options => [_address, _port];

    public void AddTo(Command command)
    {
        foreach (var option in Options)
        {
            command.Add(option);
        }
    }

    public void Validate(CommandResult result)
    {
        ValidateAddress(result, _address);
        ValidatePort(result, _port, result.ReadValue(_port));
    }

    public IPEndPoint ValueIn(ParseResult parsed) => new(AddressOf(parsed.GetValue(_address)!)!, parsed.GetValue(_port));

    public static void ValidateAddress(CommandResult result, Option<string> option)
    {
        if (option.IsTypedIn(result) && result.ReadValue(option) is { } text && AddressOf(text) is null)
        {
            result.AddError($"{option.Name} must be an IP address.");
        }
    }

    public static void ValidatePort(CommandResult result, Option option, int? port)
    {
        if (option.IsTypedIn(result) && port is (< 1 or > IPEndPoint.MaxPort))
        {
            result.AddError($"{option.Name} is {port}; it must be 1 to {IPEndPoint.MaxPort}.");
        }
    }

    /// <returns>Null when it is none.</returns>
    public static IPAddress? AddressOf(string text) =>
        text == Localhost ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : null;
}
