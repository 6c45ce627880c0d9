using System.Net;
using RdsTunnel.Aws.Clients;
using RdsTunnel.Aws.Http;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

public sealed class HttpPoolTests
{
    private static readonly TimeSpan Patience = Hang.Limit;

    [Fact]
    public async Task Get_AnotherFileHangs_IsNotHeldUp()
    {
        using var hanging = new ManualResetEventSlim();
        var isReading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var pool = new HttpPool(bundle =>
        {
            if (bundle == "hanging")
            {
                isReading.SetResult();
                hanging.Wait();
            }

            return NewClients();
        });
        var slow = Task.Run(() => pool.Get("hanging"));
        await isReading.Task.WaitAsync(Patience);

        try
        {
            Assert.NotNull(await Task.Run(() => pool.Get(null)).WaitAsync(Patience));
            Assert.False(slow.IsCompleted);
        }
        finally
        {
            hanging.Set();
        }

        Assert.Same(await slow.WaitAsync(Patience), pool.Get("hanging"));
    }

    [Fact]
    public void Get_Failed_IsTriedAgain()
    {
        var attempts = 0;
        using var pool = new HttpPool(_ =>
            ++attempts == 1 ? throw new AwsException(AwsErrorCode.ConfigurationInvalid, "unreadable") : NewClients()
        );

        Assert.Throws<AwsException>(() => pool.Get("bundle"));
        Assert.Same(pool.Get("bundle"), pool.Get("bundle"));
        Assert.Equal(2, attempts);
    }

    private static HttpClients NewClients() =>
        new(ServerTrust.System, new WebProxy(), TimeSpan.FromSeconds(1), new AwsClock(TimeProvider.System, new CollectedLogs()));
}
