using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace RdsTunnel.Host;

/// <summary>The options of <c>serve --config</c>, named as cloud-sql-proxy names them where they mean the same.</summary>
internal sealed partial class ServeArguments
{
    private const int AdminPort = 9091;

    private readonly Option<string?> _config = new("--config")
    {
        Description =
            "Run without an editor: open the tunnels of this file, in the format of .vscode/rds-tunnels.json. See docs/headless.md.",
    };
    private readonly Option<string[]> _names = new("--name") { Description = "Open only this tunnel of the file. Can be repeated." };
    private readonly Option<string> _address = new("--address")
    {
        Description = "Address on which tunnels listen. Others than loopback ones only in a container, or with --allow-network.",
        DefaultValueFactory = _ => $"{IPAddress.Loopback}",
    };
    private readonly Option<bool> _allowNetwork = new("--allow-network")
    {
        Description = "Allow any --address: every program that reaches it can use the tunnels.",
    };
    private readonly Option<int?> _port = new("--port")
    {
        Description =
            "First local port for tunnels without localPort; the following ones get the next ports. Default: each database's own port.",
    };
    private readonly Option<string?> _unixSocket = new("--unix-socket")
    {
        Description = "Folder in which each tunnel also listens on a Unix-domain socket, named after the tunnel.",
    };
    private readonly Option<string?> _localPasswordFile = new(LocalPasswordSource.FileOption)
    {
        Description =
            $"Read the local password of tunnels with localPassword from the first line of this file. Default: {LocalPasswordSource.Variable}.",
    };
    private readonly Option<bool> _healthCheck = new("--health-check")
    {
        Description = "Answer /startup, /liveness and /readiness over HTTP.",
    };
    private readonly Option<bool> _prometheus = new("--prometheus") { Description = "Answer /metrics over HTTP, for Prometheus." };
    private readonly ServeHttpAddress _http = new();
    private readonly Option<bool> _quitQuitQuit = new("--quitquitquit")
    {
        Description = "End as with SIGTERM on POST /quitquitquit, on localhost only.",
    };
    private readonly Option<int> _adminPort = new("--admin-port")
    {
        Description = "Port for /quitquitquit.",
        DefaultValueFactory = _ => AdminPort,
    };
    private readonly Option<string> _minSigtermDelay = Delay(
        "--min-sigterm-delay",
        "How long new connections are still accepted after SIGTERM, for example 10s."
    );
    private readonly Option<string> _maxSigtermDelay = Delay(
        "--max-sigterm-delay",
        "How long open connections may go on after that, for example 5m. Default: they are reset at once."
    );
    private readonly Option<bool> _runConnectionTest = new("--run-connection-test")
    {
        Description = "Connect to each database at the start, and exit with code 3 if one doesn't answer.",
    };
    private readonly Option<bool> _structuredLogs = new("--structured-logs") { Description = "Log JSON objects, one on each line." };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Log errors only, as --log-level Error." };
    private readonly Option<bool> _debugLogs = new("--debug-logs") { Description = "Log details, as --log-level Debug." };

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    public bool IsIn(CommandResult result) => result.ReadValue(_config) is not null;

    public bool IsIn(ParseResult parsed) => parsed.GetValue(_config) is not null;

    /// <summary>Says what is wrong about options that don't go together, or with <c>--stdio</c>.</summary>
    public void Validate(CommandResult result, bool isStdio)
    {
        if (IsIn(result) == isStdio)
        {
            result.AddError(
                isStdio ? "'serve' takes either --config or --stdio." : "'serve' requires --config (or --stdio, for an editor)."
            );
            return;
        }

        bool IsTyped(Option option) => result.GetResult(option) is { Implicit: false };
        if (isStdio)
        {
            if (All.FirstOrDefault(IsTyped) is { } needless)
            {
                result.AddError($"{needless.Name} requires --config.");
            }

            return;
        }

        if (IsTyped(_address) && IsTyped(_unixSocket))
        {
            result.AddError("--address and --unix-socket can't be used together.");
        }

        if (IsTyped(_quiet) && IsTyped(_debugLogs))
        {
            result.AddError("--quiet and --debug-logs can't be used together.");
        }

        foreach (
            var (option, needed) in (IEnumerable<(Option, Option[])>)
                [.. _http.Options.Select(option => (option, HttpUses)), (_adminPort, [_quitQuitQuit])]
        )
        {
            if (IsTyped(option) && !needed.Any(IsTyped))
            {
                result.AddError($"{option.Name} requires {string.Join(" or ", needed.Select(each => each.Name))}.");
            }
        }

        if (IsTyped(_unixSocket) && string.IsNullOrWhiteSpace(result.ReadValue(_unixSocket)))
        {
            result.AddError("--unix-socket must be a folder.");
        }

        _http.Validate(result);
        ServeHttpAddress.ValidateAddress(result, _address);
        ServeHttpAddress.ValidatePort(result, _port, result.ReadValue(_port));
        ServeHttpAddress.ValidatePort(result, _adminPort, result.ReadValue(_adminPort));
        ValidateDuration(result, _minSigtermDelay);
        ValidateDuration(result, _maxSigtermDelay);
    }

    public static void ValidateDuration(CommandResult result, Option<string> option)
    {
        if (option.IsTypedIn(result) && result.ReadValue(option) is { } text && DurationOf(text) is null)
        {
            result.AddError($"{option.Name} must be a duration of at most 24h, for example 30s or 1m30s.");
        }
    }

    public ServeOptions ValuesIn(ParseResult parsed, LogLevel level) =>
        new(
            parsed.GetValue(_config)!,
            parsed.GetValue(_names) ?? [],
            ServeHttpAddress.AddressOf(parsed.GetValue(_address)!)!,
            parsed.GetValue(_allowNetwork),
            parsed.GetValue(_unixSocket) is { } folder ? Path.GetFullPath(folder) : null,
            parsed.GetValue(_port),
            new LocalPasswordSource(parsed.GetValue(_localPasswordFile)),
            HttpUses.Any(use => parsed.GetValue((Option<bool>)use)) ? _http.ValueIn(parsed) : null,
            parsed.GetValue(_healthCheck),
            parsed.GetValue(_prometheus),
            parsed.GetValue(_quitQuitQuit) ? new IPEndPoint(IPAddress.Loopback, parsed.GetValue(_adminPort)) : null,
            DurationOf(parsed.GetValue(_minSigtermDelay)!)!.Value,
            DurationOf(parsed.GetValue(_maxSigtermDelay)!)!.Value,
            parsed.GetValue(_runConnectionTest),
            parsed.GetValue(_structuredLogs),
            parsed.GetValue(_quiet) ? LogLevel.Error
                : parsed.GetValue(_debugLogs) ? LogLevel.Debug
                : level
        );

    /// <summary>As Go writes durations: <c>1h2m3.5s</c>, <c>500ms</c>; a plain number counts seconds.</summary>
    /// <returns>Null when it is none, or longer than a day.</returns>
    internal static TimeSpan? DurationOf(string text)
    {
        if (Duration().Match(text) is not { Success: true } match || text.Length == 0)
        {
            return null;
        }

        double Of(string unit) =>
            match.Groups[unit] is { Success: true } number ? double.Parse(number.ValueSpan, CultureInfo.InvariantCulture) : 0;
        var seconds = (Of("h") * 3600) + (Of("m") * 60) + Of("s") + (Of("ms") / 1000);
        return seconds <= 86_400 ? TimeSpan.FromSeconds(seconds) : null;
    }

    private Option[] HttpUses => [_healthCheck, _prometheus];

    private Option[] All =>
        [
            _config,
            _names,
            _address,
            _allowNetwork,
            _port,
            _unixSocket,
            _localPasswordFile,
            _healthCheck,
            _prometheus,
            .. _http.Options,
            _quitQuitQuit,
            _adminPort,
            _minSigtermDelay,
            _maxSigtermDelay,
            _runConnectionTest,
            _structuredLogs,
            _quiet,
            _debugLogs,
        ];

    private static Option<string> Delay(string name, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => "0s" };

    [GeneratedRegex(
        @"^(?:(?<s>[0-9]{1,9}(?:\.[0-9]{1,9})?)|(?:(?<h>[0-9]{1,9}(?:\.[0-9]{1,9})?)h)?(?:(?<m>[0-9]{1,9}(?:\.[0-9]{1,9})?)m(?!s))?(?:(?<s>[0-9]{1,9}(?:\.[0-9]{1,9})?)s)?(?:(?<ms>[0-9]{1,9}(?:\.[0-9]{1,9})?)ms)?)$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Duration();
}
