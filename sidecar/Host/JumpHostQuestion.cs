using System.Globalization;
using RdsTunnel.Aws;
using RdsTunnel.Discovery;
using RdsTunnel.Discovery.Memory;
using RdsTunnel.Faults;
using RdsTunnel.Tunnels;

namespace RdsTunnel.Host;

/// <summary>Asks a person at a terminal which jump host leads to a database.</summary>
internal sealed class JumpHostQuestion(ITargets targets, IJumpHostFinder finder, JumpHostMemory memory, Terminal terminal)
{
    private static readonly Dictionary<Verdict, string> Marks = new()
    {
        [Verdict.For] = "+",
        [Verdict.Against] = "-",
        [Verdict.Unknown] = "?",
    };

    /// <summary>Asks if nothing is known. What else may be wrong is told by the tunnel's state when a connection comes.</summary>
    /// <exception cref="TunnelException"><see cref="TunnelErrorCode.JumpHostChoiceNeeded"/>: there was no answer.</exception>
    public async Task AnswerIfNeededAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (request.Target is null)
            {
                await targets.SelectAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TunnelException e) when (e.Code == TunnelErrorCode.JumpHostChoiceNeeded)
        {
            if (!await AskAsync(request, cancellationToken).ConfigureAwait(false))
            {
                throw;
            }
        }
        catch (Exception e) when (e is AwsException or TunnelException)
        {
            // A missing sign-in, or a jump host that is not running yet.
        }
    }

    /// <summary>Lists the candidates; at a terminal, asks for one, and remembers the answer.</summary>
    /// <returns>False when there was no answer.</returns>
    public async Task<bool> AskAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        var found = await finder
            .FindAsync(
                request.Scope,
                new DatabaseAddress(request.Host!, request.Port),
                request.JumpHostTag,
                refresh: false,
                cancellationToken
            )
            .ConfigureAwait(false);
        JumpHost[] candidates = [.. found.JumpHosts.Where(host => host.IsUsable)];
        await terminal.Output.WriteLineAsync($"Choose a jump host for {request.Host}:{request.Port}:").ConfigureAwait(false);
        for (var i = 0; i < candidates.Length; i++)
        {
            await terminal.Output.WriteLineAsync($"  {i + 1}. {Describe(candidates[i])}").ConfigureAwait(false);
        }

        if (!terminal.IsInteractive)
        {
            await terminal.Output.WriteLineAsync("Not an interactive terminal. Specify one with --target.").ConfigureAwait(false);
            return false;
        }

        while (true)
        {
            await terminal
                .Output.WriteAsync(
                    candidates.Length == 1
                        ? "Use it? [Y/n, or an instance ID] "
                        : $"Number (1-{candidates.Length}) or instance ID, empty to cancel: "
                )
                .ConfigureAwait(false);
            await terminal.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (await terminal.ReadLineAsync(cancellationToken).ConfigureAwait(false) is not { } answer)
            {
                return false;
            }

            var (target, isOver) = Understand(answer.Trim(), candidates);
            if (target is not null)
            {
                memory.Choose(request.Scope, request.Host!, request.Port, target);
                await terminal
                    .Output.WriteLineAsync($"Remembered {target} for {request.Host}:{request.Port}. Use --target to override.")
                    .ConfigureAwait(false);
                return true;
            }

            if (isOver)
            {
                return false;
            }
        }
    }

    private static (string? Target, bool IsOver) Understand(string answer, JumpHost[] candidates) =>
        answer switch
        {
            "" or "y" or "Y" or "yes" when candidates is [var only] => (only.Target, true),
            "" or "n" or "N" or "no" => (null, true),
            _ when JumpHostTarget.IsOne(answer) => (answer, true),
            _ when int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && number >= 1
                    && number <= candidates.Length => (candidates[number - 1].Target, true),
            _ => (null, false),
        };

    // What a machine calls itself may hold anything.
    private static string Describe(JumpHost host) =>
        ForeignText.Line(
            $"{JumpHostAdvice.NameOf(host)}: {string.Join(", ", host.Reasons.Select(reason => $"{Marks[reason.Verdict]} {reason.Message}"))}"
        );
}
