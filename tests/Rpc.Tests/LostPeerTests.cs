using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Nerdbank.Streams;

namespace RdsTunnel.Rpc.Tests;

/// <summary>The peer resets the connection, at the worst moment.</summary>
public sealed class LostPeerTests
{
    private static readonly InitializeParams Hello = new(new("test", "0"), RpcContract.ProtocolVersion);

    [Fact]
    public async Task Call_ConnectionBreaksWhileItIsWritten_SaysThatItWasNotAnswered()
    {
        var (ours, _) = FullDuplexStream.CreatePipePair();
        var transport = new BrokenOutput(ours, new IOException("reset"));
        transport.Break();
        using var client = new SidecarClient(transport, NullLogger<SidecarClient>.Instance);
        var failure = await Assert.ThrowsAsync<RpcException>(() => client.StartAsync(Hello, default).WaitAsync(TestClient.Patience));
        Assert.Equal("InternalError", failure.Name);
        Assert.Contains("initialize", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("reads")]
    [InlineData("writes")]
    [InlineData("closes")]
    public async Task Dispose_ConnectionBrokeAndNobodyWaitsForItsEnd_LeavesNoFailureBehind(string moment)
    {
        var text = $"reset while it {moment}";
        var unobserved = new List<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs failure)
        {
            lock (unobserved)
            {
                unobserved.AddRange(
                    failure
                        .Exception.Flatten()
                        .InnerExceptions.Where(each => each.Message == text || each.GetType().Name == "ConnectionLostException")
                );
            }
        }

        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            var client = await LoseAsync(moment, new IOException(text));
            for (var i = 0; i < 10 && client.IsAlive; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }

        lock (unobserved)
        {
            Assert.Empty(unobserved);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference> LoseAsync(string moment, IOException reset)
    {
        var (ours, theirs) = FullDuplexStream.CreatePipePair();
        var transport = new BrokenOutput(ours, moment == "reads" ? null : reset);
        var client = new SidecarClient(transport, NullLogger<SidecarClient>.Instance);
        var starting = client.StartAsync(Hello, default);
        if (moment == "closes")
        {
            transport.Break();
        }

        await theirs.Output.CompleteAsync(moment == "reads" ? reset : null);
        await Assert.ThrowsAsync<RpcException>(() => starting.WaitAsync(TestClient.Patience));
        client.Dispose();
        await transport.Completed.WaitAsync(TestClient.Patience);
        return new WeakReference(client);
    }

    /// <param name="failure">Of each write, once it is broken, and of the end; null when what is written vanishes.</param>
    private sealed class BrokenOutput(IDuplexPipe inner, IOException? failure) : PipeWriter, IDuplexPipe
    {
        private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public PipeReader Input => inner.Input;

        public PipeWriter Output => this;

        public Task Completed => _completed.Task;

        public void Break() => _broken.TrySetResult();

        public override void Advance(int bytes) => inner.Output.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.Output.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.Output.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.Output.CancelPendingFlush();

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            if (failure is null)
            {
                return await inner.Output.FlushAsync(cancellationToken);
            }

            // What is being written fails last: the end of what is read has been noticed by then.
            await using var noticed = cancellationToken.Register(Break);
            await _broken.Task;
            throw failure;
        }

        public override void Complete(Exception? exception = null)
        {
            _completed.TrySetResult();
            inner.Output.Complete(exception);
            if (failure is not null)
            {
                throw failure;
            }
        }
    }
}
