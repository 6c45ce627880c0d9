using System.CommandLine;
using Microsoft.Extensions.Logging;
using RdsTunnel.Aws;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>What can be typed. The options of <c>open</c> are the parameters of tunnel/open.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, TimeProvider time)
    {
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
        return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
    }

    /// <summary>The option for a parameter: <c>localPort</c> is <c>--local-port</c>.</summary>
    public static string OptionFor(string field) =>
        "--" + string.Concat(field.Select(c => char.IsAsciiLetterUpper(c) ? $"-{char.ToLowerInvariant(c)}" : $"{c}"));

    private static string Usage(Command command) => command switch
    {
        { Name: "open" } => "Usage: rds-tunnel open --host <name> --port <number> [--target <id>] [options]\nRun 'rds-tunnel open --help' for details.",
        { Name: "check" } => "Usage: rds-tunnel check --host <name> --port <number> [--target <id>] [options]\nRun 'rds-tunnel check --help' for details.",
        { Name: "sign-in" } => "Usage: rds-tunnel sign-in --profile <name> [--device-code]\nRun 'rds-tunnel sign-in --help' for details.",
        { Name: "serve" } => "Usage: rds-tunnel serve --stdio [options]\nRun 'rds-tunnel serve --help' for details.",
        _ => "Usage: rds-tunnel [command] [options]\nRun 'rds-tunnel --help' for details.",
    };

    private static RootCommand Create(TimeProvider time) => new("Connect to private AWS databases through SSM Session Manager.")
    {
        Serve(time),
        Open(time),
        Check(time),
        SignIn(time),
    };

    private static Command Serve(TimeProvider time)
    {
        var stdio = new Option<bool>("--stdio") { Description = "Use standard input and output (required)." };
        var level = Level(LogLevel.Information);
        var command = new Command("serve", "Run as a JSON-RPC server for an editor. See docs/rpc.md.") { stdio, level };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(stdio))
            {
                result.AddError("'serve' requires --stdio.");
            }
        });
        command.SetAction((parsed, _) => ServeCommand.RunAsync(parsed.GetValue(level), time));
        return command;
    }

    private static Command Open(TimeProvider time)
    {
        var tunnel = new TunnelOptions();
        var localPort = new Option<int>("--local-port") { Description = "Local port on 127.0.0.1. Default: a free port." };
        var name = new Option<string?>("--name") { Description = "Display name. Default: host and port." };
        var login = new Option<string?>("--login")
        {
            Description = "Sign connections in to a PostgreSQL, MySQL, MariaDB, Redis or Valkey database: iam (with --user), secret (with --secret-id), or tls (encrypt only). Default: tools sign in by themselves.",
        };
        var user = new Option<string?>("--user") { Description = "Database user of the login." };
        var secretId = new Option<string?>("--secret-id") { Description = "Name or ARN of the secret of the login." };
        var compress = new Option<bool>("--compress") { Description = "With a login: compress the connections to a MySQL or MariaDB database." };
        var openNow = new Option<bool>("--open-now") { Description = "Open a session now instead of on the first connection." };
        var maxSessions = new Option<int>("--max-sessions")
        {
            Description = $"Maximum number of sessions, {TunnelRules.MaxSessions.Min} to {TunnelRules.MaxSessions.Max}.",
            DefaultValueFactory = _ => TunnelRules.DefaultMaxSessions,
        };
        var level = Level(LogLevel.Warning);
        var command = new Command("open", "Open a tunnel. Runs until Ctrl-C.") { localPort, name, login, user, secretId, compress, openNow, maxSessions, level };
        tunnel.AddTo(command);
        command.SetAction((parsed, _) => OpenCommand.RunAsync(
            tunnel.ValuesIn(parsed) with
            {
                LocalPort = parsed.GetValue(localPort), Name = parsed.GetValue(name), OpenNow = parsed.GetValue(openNow), MaxSessions = parsed.GetValue(maxSessions),
                Login = parsed.GetValue(login), User = parsed.GetValue(user), SecretId = parsed.GetValue(secretId), Compress = parsed.GetValue(compress),
            },
            parsed.GetValue(level),
            time));
        return command;
    }

    private static Command Check(TimeProvider time)
    {
        var tunnel = new TunnelOptions();
        var level = Level(LogLevel.Warning);
        var command = new Command("check", "Check everything a tunnel needs, from credentials to the database certificate. Changes nothing.") { level };
        tunnel.AddTo(command);
        command.SetAction((parsed, _) => CheckCommand.RunAsync(tunnel.ValuesIn(parsed), parsed.GetValue(level), time));
        return command;
    }

    private static Command SignIn(TimeProvider time)
    {
        var profile = new Option<string?>("--profile") { Description = "AWS profile that uses IAM Identity Center." };
        var session = new Option<string?>("--sso-session") { Description = "Name of an sso-session section, instead of a profile." };
        var deviceCode = new Option<bool>("--device-code") { Description = "Sign in with a code, for example when the browser runs on another computer." };
        var level = Level(LogLevel.Warning);
        var command = new Command("sign-in", "Sign in with IAM Identity Center, also for the AWS CLI.") { profile, session, deviceCode, level };
        command.Validators.Add(result =>
        {
            if (result.GetValue(profile) is null == result.GetValue(session) is null)
            {
                result.AddError("'sign-in' requires either --profile or --sso-session.");
            }
        });
        command.SetAction((parsed, _) => SignInCommand.RunAsync(
            new SsoReference(parsed.GetValue(profile), parsed.GetValue(session)), parsed.GetValue(deviceCode), parsed.GetValue(level), time));
        return command;
    }

    private static Option<LogLevel> Level(LogLevel level) => new("--log-level")
    {
        Description = "Log level for standard error.", DefaultValueFactory = _ => level,
    };
}
