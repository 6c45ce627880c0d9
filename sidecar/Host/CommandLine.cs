using System.CommandLine;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Programs;

namespace RdsTunnel.Host;

/// <summary>What can be typed. The options of <c>open</c> are the parameters of tunnel/open.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, TimeProvider time)
    {
        if (PluginArguments.In(args, PluginArguments.NamesOfThisProcess()) is { } plugin)
        {
            return await PluginCommand.RunAsync(plugin, time).ConfigureAwait(false);
        }

        var root = Create(time);
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await StandardStreams.Error.WriteLineAsync($"rds-tunnel: {error.Message}").ConfigureAwait(false);
            }

            await StandardStreams.Error.WriteLineAsync(Usage(parsed.CommandResult.Command)).ConfigureAwait(false);
            return ExitCode.Usage;
        }

        // Signals are the ProcessLifetime's.
        return await parsed
            .InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false })
            .ConfigureAwait(false);
    }

    /// <summary>The option for a parameter: <c>localPort</c> is <c>--local-port</c>.</summary>
    public static string OptionFor(string field) =>
        "--" + string.Concat(field.Select(c => char.IsAsciiLetterUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{c}"));

    private static string Usage(Command command) =>
        command switch
        {
            { Name: "open" } =>
                "Usage: rds-tunnel open --host <name> --port <number> [--target <id>] [options]\nRun 'rds-tunnel open --help' for details.",
            { Name: "exec" } =>
                "Usage: rds-tunnel exec (--name <tunnel> | --host <name> --port <number>) [options] -- <program> [arguments]\nRun 'rds-tunnel exec --help' for details.",
            { Name: "check" } =>
                "Usage: rds-tunnel check --host <name> --port <number> [--target <id>] [options]\nRun 'rds-tunnel check --help' for details.",
            { Name: "sign-in" } =>
                "Usage: rds-tunnel sign-in --profile <name> [--device-code]\nRun 'rds-tunnel sign-in --help' for details.",
            { Name: "serve" } =>
                "Usage: rds-tunnel serve --config <file> [options]\n       rds-tunnel serve --stdio [--log-level <level>]\nRun 'rds-tunnel serve --help' for details.",
            { Name: "wait" } => "Usage: rds-tunnel wait [--max <duration>] [options]\nRun 'rds-tunnel wait --help' for details.",
            { Name: "mcp" } => "Usage: rds-tunnel mcp [--allow-open]\nRun 'rds-tunnel mcp --help' for details.",
            _ => "Usage: rds-tunnel [command] [options]\nRun 'rds-tunnel --help' for details.",
        };

    private static RootCommand Create(TimeProvider time) =>
        new("Connect to private AWS databases through SSM Session Manager.")
        {
            Serve(time),
            Open(time),
            Exec(time),
            Check(time),
            SignIn(time),
            Wait(time),
            Mcp(time),
            // For the help: its arguments are not this program's.
            new Command(
                PluginArguments.Name,
                "Run in place of AWS's session-manager-plugin, for the AWS CLI. A link of that name does the same."
            ),
        };

    private static Command Serve(TimeProvider time)
    {
        var headless = new ServeArguments();
        var stdio = new Option<bool>("--stdio")
        {
            Description = "Run for an editor, as a JSON-RPC server on standard input and output. See docs/rpc.md.",
        };
        var level = Level(LogLevel.Information);
        var command = new Command(
            "serve",
            "Open the tunnels of a file and keep them open, on a server or in a container; or run for an editor."
        )
        {
            stdio,
            level,
        };
        headless.AddTo(command);
        command.Validators.Add(result => headless.Validate(result, result.ReadValue(stdio)));
        command.SetAction(
            (parsed, _) =>
                headless.IsIn(parsed)
                    ? new ServeHeadless(headless.ValuesIn(parsed, parsed.GetValue(level)), time).RunAsync()
                    : ServeCommand.RunAsync(parsed.GetValue(level), time)
        );
        return command;
    }

    private static Command Wait(TimeProvider time)
    {
        var server = new ServeHttpAddress();
        var most = new Option<string>("--max") { Description = "How long to wait, for example 30s.", DefaultValueFactory = _ => "30s" };
        var command = new Command("wait", "Wait until the tunnels of another 'rds-tunnel serve --health-check' are ready.") { most };
        server.AddTo(command);
        command.Validators.Add(result =>
        {
            server.Validate(result);
            ServeArguments.ValidateDuration(result, most);
        });
        command.SetAction(
            (parsed, _) =>
                WaitCommand.RunAsync(
                    server.ValueIn(parsed),
                    ServeArguments.DurationOf(parsed.GetValue(most)!)!.Value,
                    StandardStreams.Error,
                    time
                )
        );
        return command;
    }

    private static Command Open(TimeProvider time)
    {
        var (tunnel, serving) = (new TunnelOptions(), new ServingOptions("Display name. Default: host and port."));
        var openNow = new Option<bool>("--open-now") { Description = "Open a session now instead of on the first connection." };
        var localPassword = new Option<bool>(LocalPasswordSource.Option)
        {
            Description =
                $"With a login: tools have to enter a local password. It is read from {LocalPasswordSource.Variable}; without it, a random one is shown on the terminal.",
        };
        var localPasswordFile = new Option<string?>(LocalPasswordSource.FileOption)
        {
            Description = "With a login: read the local password from the first line of this file.",
        };
        var level = Level(LogLevel.Warning);
        var command = new Command("open", "Open a tunnel. Runs until Ctrl-C.") { openNow, localPassword, localPasswordFile, level };
        serving.AddTo(command);
        tunnel.AddTo(command);
        command.SetAction(
            (parsed, _) =>
                OpenCommand.RunAsync(
                    serving.AddedTo(tunnel.ValuesIn(parsed), parsed) with
                    {
                        OpenNow = parsed.GetValue(openNow),
                        LocalPassword = parsed.GetValue(localPassword) || parsed.GetValue(localPasswordFile) is not null,
                    },
                    new LocalPasswordSource(parsed.GetValue(localPasswordFile)),
                    parsed.GetValue(level),
                    time
                )
        );
        return command;
    }

    private static Command Exec(TimeProvider time)
    {
        var (tunnel, serving) = (
            new TunnelOptions(isPortRequired: false),
            new ServingOptions("Name of a tunnel in the team file, unless --host or --target is given.")
        );
        var engine = new Option<string?>("--engine")
        {
            Description = $"Kind of database: {string.Join(", ", DatabaseKinds.Named.Keys)}. Default: by host and port.",
        };
        engine.AcceptOnlyFromAmong([.. DatabaseKinds.Named.Keys]);
        var database = new Option<string?>("--database") { Description = "Name of the database, for the program's environment." };
        var variables = new Option<string[]>("--env")
        {
            Description =
                $"Another variable, as in MY_URL={{url}}. Placeholders: {string.Join(", ", DatabaseVariables.Placeholders.Select(each => $"{{{each}}}"))}.",
        };
        var wait = new Option<int>("--wait") { Description = "Seconds to wait until the database answers.", DefaultValueFactory = _ => 60 };
        wait.Validators.Add(result =>
        {
            // What is no number is told anyway.
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var seconds) && seconds is < 1 or > 3600)
            {
                result.AddError("--wait must be from 1 to 3600 seconds.");
            }
        });
        var program = new Argument<string[]>("program")
        {
            Description = "The program and its arguments, after --.",
            Arity = ArgumentArity.OneOrMore,
        };
        var level = Level(LogLevel.Error);
        var command = new Command(
            "exec",
            "Run a program with a tunnel. Opens the tunnel, waits until the database answers, sets DATABASE_URL and the variables of the database's own tools, and exits as the program does. "
                + "Sets no password: with --login, programs need none."
        )
        {
            engine,
            database,
            variables,
            wait,
            level,
            program,
        };
        serving.AddTo(command);
        tunnel.AddTo(command);
        command.Validators.Add(result =>
        {
            if (
                result
                    .ReadValue(variables)
                    ?.Select(each => (each, DatabaseVariables.ProblemOf(each)))
                    .FirstOrDefault(each => each.Item2 is not null) is
                (var template, { } problem)
            )
            {
                result.AddError($"--env {template} {problem}.");
            }

            if (tunnel.NamesNothingIn(result, serving))
            {
                result.AddError("'exec' requires --name, or --host and --port.");
            }
        });
        command.SetAction(
            (parsed, _) =>
                new ExecCommand(
                    new ExecOptions(
                        serving.AddedTo(tunnel.ValuesIn(parsed), parsed),
                        tunnel.HasPort(parsed),
                        parsed.GetValue(engine) is { } kind ? DatabaseKinds.Named[kind] : null,
                        parsed.GetValue(database),
                        parsed.GetValue(variables) ?? [],
                        TimeSpan.FromSeconds(parsed.GetValue(wait)),
                        parsed.GetValue(program)!
                    ),
                    time
                ).RunAsync(parsed.GetValue(level))
        );
        return command;
    }

    private static Command Check(TimeProvider time)
    {
        var tunnel = new TunnelOptions();
        var level = Level(LogLevel.Warning);
        var command = new Command(
            "check",
            "Check everything a tunnel needs, from credentials to the database certificate. Changes nothing."
        )
        {
            level,
        };
        tunnel.AddTo(command);
        command.SetAction((parsed, _) => CheckCommand.RunAsync(tunnel.ValuesIn(parsed), parsed.GetValue(level), time));
        return command;
    }

    private static Command SignIn(TimeProvider time)
    {
        var profile = new Option<string?>("--profile") { Description = "AWS profile that uses IAM Identity Center." };
        var session = new Option<string?>("--sso-session") { Description = "Name of an sso-session section, instead of a profile." };
        var deviceCode = new Option<bool>("--device-code")
        {
            Description = "Sign in with a code, for example when the browser runs on another computer.",
        };
        var level = Level(LogLevel.Warning);
        var command = new Command("sign-in", "Sign in with IAM Identity Center, also for the AWS CLI.")
        {
            profile,
            session,
            deviceCode,
            level,
        };
        command.Validators.Add(result =>
        {
            if (result.ReadValue(profile) is null == result.ReadValue(session) is null)
            {
                result.AddError("'sign-in' requires either --profile or --sso-session.");
            }
        });
        command.SetAction(
            (parsed, _) =>
                SignInCommand.RunAsync(
                    new SsoReference(parsed.GetValue(profile), parsed.GetValue(session)),
                    parsed.GetValue(deviceCode),
                    parsed.GetValue(level),
                    time
                )
        );
        return command;
    }

    private static Command Mcp(TimeProvider time)
    {
        var allowOpen = new Option<bool>("--allow-open")
        {
            Description = "Let agents open tunnels to databases that AWS lists without asking you, unless a login signs them in.",
        };
        var level = Level(LogLevel.Warning);
        var command = new Command("mcp", "Serve AI agents on standard input and output (Model Context Protocol). See docs/agents.md.")
        {
            allowOpen,
            level,
        };
        command.SetAction((parsed, _) => McpCommand.RunAsync(parsed.GetValue(allowOpen), parsed.GetValue(level), time));
        return command;
    }

    private static Option<LogLevel> Level(LogLevel level) =>
        new("--log-level") { Description = "Log level for standard error.", DefaultValueFactory = _ => level };
}
