using System.Collections.Concurrent;

namespace RdsTunnel.Tunnels.Tests.Support;

/// <summary>Selects the first of its jump hosts that has not failed; when all have, the first
/// again; without any, asks for a choice.</summary>
internal sealed class FakeTargets(params string[] suitable) : ITargets
{
    private readonly Lock _gate = new();
    private readonly List<string> _failed = []; // guarded by _gate

    public event Action? Chosen;

    public ConcurrentQueue<string> Events { get; } = new();

    public IReadOnlyList<string> Suitable { get; private set; } = suitable;

    public void Choose(string target)
    {
        Suitable = [target];
        Chosen?.Invoke();
    }

    /// <summary>In another window: nobody tells of it here.</summary>
    public void ChooseElsewhere(string target) => Suitable = [target];

    /// <summary>Before it answers, it waits for this.</summary>
    public Task Answering { get; set; } = Task.CompletedTask;

    /// <summary>In place of a selection.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Nothing speaks for any, because AWS cannot be asked.</summary>
    public void ForgetAll() => Suitable = [];

    public async Task<SelectedTarget> SelectAsync(TunnelRequest request, CancellationToken cancellationToken)
    {
        await Answering;
        lock (_gate)
        {
            var target = Suitable.FirstOrDefault(each => !_failed.Contains(each)) ?? (Suitable.Count > 0 ? Suitable[0] : null);
            Events.Enqueue($"selected {target}");
            if (Failure is not null)
            {
                throw Failure;
            }

            return new SelectedTarget(
                target ?? throw new TunnelException(TunnelErrorCode.JumpHostChoiceNeeded, "Choose one."),
                $"name of {target}",
                ["same VPC"]
            );
        }
    }

    public void OnReached(TunnelRequest request, string target) => Events.Enqueue($"reached {target}");

    public FailedTargets OnFailed(TunnelRequest request, string target, TargetFailure failure)
    {
        lock (_gate)
        {
            Events.Enqueue($"failed {target} {failure}");
            _failed.Remove(target);
            _failed.Add(target);
            return new([.. _failed], HasOther: Suitable.Except(_failed).Any());
        }
    }
}
