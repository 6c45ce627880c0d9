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
        { Name: "open" } => "Usage: rds-tunnel open --host <name> --port <number> [--target <id>] [options]; rds-tunnel open --help tells more.",
        { Name: "check" } => "Usage: rds-tunnel check --host <name> --port <number> [--target <id>] [options]; rds-tunnel check --help tells more.",
        { Name: "sign-in" } => "Usage: rds-tunnel sign-in --profile <name> [--device-code]; rds-tunnel sign-in --help tells more.",
        { Name: "serve" } => "Usage: rds-tunnel serve --stdio [options]; rds-tunnel serve --help tells more.",
        _ => "Usage: rds-tunnel [command] [options]; rds-tunnel --help tells more.",
    };

    private static RootCommand Create(TimeProvider time) => new("Reach private AWS databases through SSM Session Manager.")
    {
        Serve(time),
        Open(time),
        Check(time),
        SignIn(time),
    };

    private static Command Serve(TimeProvider time)
    {
        var stdio = new Option<bool>("--stdio") { Description = "Speak JSON-RPC over standard input and output (the only way there is)." };
        var level = Level(LogLevel.Information);
        var command = new Command("serve", "Serve an editor; docs/rpc.md is the contract.") { stdio, level };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(stdio))
            {
                result.AddError("serve speaks JSON-RPC, which is not for people: say --stdio when a program is at the other end.");
            }
        });
        command.SetAction((parsed, _) => ServeCommand.RunAsync(parsed.GetValue(level), time));
        return command;
    }

    private static Command Open(TimeProvider time)
    {
        var tunnel = new TunnelOptions();
        var localPort = new Option<int>("--local-port") { Description = "The port on 127.0.0.1; without it, a free one." };
        var name = new Option<string?>("--name") { Description = "A name for people." };
        var openNow = new Option<bool>("--open-now") { Description = "Open a session at once, rather than with the first connection." };
        var maxSessions = new Option<int>("--max-sessions")
        {
            Description = $"How many sessions may be open at once, {TunnelRules.MaxSessions.Min} to {TunnelRules.MaxSessions.Max}.",
            DefaultValueFactory = _ => TunnelRules.DefaultMaxSessions,
        };
        var level = Level(LogLevel.Warning);
        var command = new Command("open", "Open one tunnel until Ctrl-C.") { localPort, name, openNow, maxSessions, level };
        tunnel.AddTo(command);
        command.SetAction((parsed, _) => OpenCommand.RunAsync(
            tunnel.ValuesIn(parsed) with
            {
                LocalPort = parsed.GetValue(localPort), Name = parsed.GetValue(name), OpenNow = parsed.GetValue(openNow), MaxSessions = parsed.GetValue(maxSessions),
            },
            parsed.GetValue(level),
            time));
        return command;
    }

    private static Command Check(TimeProvider time)
    {
        var tunnel = new TunnelOptions();
        var level = Level(LogLevel.Warning);
        var command = new Command("check", "Look at all that a tunnel needs, from credentials to the database's certificate. Changes nothing.") { level };
        tunnel.AddTo(command);
        command.SetAction((parsed, _) => CheckCommand.RunAsync(tunnel.ValuesIn(parsed), parsed.GetValue(level), time));
        return command;
    }

    private static Command SignIn(TimeProvider time)
    {
        var profile = new Option<string?>("--profile") { Description = "A profile that signs in through IAM Identity Center." };
        var session = new Option<string?>("--sso-session") { Description = "The name of an sso-session section, in place of a profile." };
        var deviceCode = new Option<bool>("--device-code") { Description = "The browser may be on another machine: compare a code." };
        var level = Level(LogLevel.Warning);
        var command = new Command("sign-in", "Sign in through IAM Identity Center; the AWS CLI is signed in with it.") { profile, session, deviceCode, level };
        command.Validators.Add(result =>
        {
            if (result.GetValue(profile) is null == result.GetValue(session) is null)
            {
                result.AddError("sign-in needs --profile or --sso-session, one of them.");
            }
        });
        command.SetAction((parsed, _) => SignInCommand.RunAsync(
            new SsoReference(parsed.GetValue(profile), parsed.GetValue(session)), parsed.GetValue(deviceCode), parsed.GetValue(level), time));
        return command;
    }

    private static Option<LogLevel> Level(LogLevel level) => new("--log-level")
    {
        Description = "What is logged to standard error.", DefaultValueFactory = _ => level,
    };
}
