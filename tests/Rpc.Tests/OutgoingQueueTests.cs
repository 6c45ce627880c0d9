using StreamJsonRpc;
using StreamJsonRpc.Protocol;

namespace RdsTunnel.Rpc.Tests;

public sealed class OutgoingQueueTests
{
    [Fact]
    public async Task Post_MoreThanMayWaitUnderAKey_KeepsTheNewestAndCountsTheOthers()
    {
        var queue = new OutgoingQueue();
        var messages = Enumerable.Range(0, 1000).Select(_ => Message()).ToArray();
        var dropped = new List<int>();
        foreach (var message in messages)
        {
            queue.Post(
                "log",
                3,
                count =>
                {
                    dropped.Add(count);
                    return message;
                }
            );
        }

        queue.Complete();
        Assert.Equal(messages[^3..], await TakeAllAsync(queue));
        Assert.Equal([997, 0, 0], dropped);
    }

    [Fact]
    public async Task Post_UnderOtherKeys_LeavesTheOrderAlone()
    {
        var queue = new OutgoingQueue();
        var (a1, b, a2, answer) = (Message(), Message(), Message(), Message());
        queue.Post("a", 1, _ => a1);
        queue.Post("b", 1, _ => b);
        var sent = queue.SendAsync(answer);
        queue.Post("a", 1, _ => a2);
        queue.Complete();
        Assert.Equal([b, answer, a2], await TakeAllAsync(queue));
        Assert.False(sent.IsCompleted);
        queue.Abandon();
        Assert.True((await TakeAllAsync(queue)).Count == 0);
    }

    [Fact]
    public async Task Take_Empty_WaitsForTheNext()
    {
        var queue = new OutgoingQueue();
        var taking = queue.TakeAsync(default).AsTask();
        Assert.False(taking.IsCompleted);
        var message = Message();
        queue.Post("a", 1, _ => message);
        Assert.Same(message, (await taking.WaitAsync(TestClient.Patience))!.Message);
    }

    [Fact]
    public async Task Abandon_WithWaitingSenders_ReleasesThem()
    {
        var queue = new OutgoingQueue();
        var waiting = queue.SendAsync(Message());
        queue.Abandon();
        await waiting.WaitAsync(TestClient.Patience);
        await queue.SendAsync(Message()).WaitAsync(TestClient.Patience);
        queue.Post("a", 1, _ => Message());
        Assert.Null(await queue.TakeAsync(default));
    }

    private static JsonRpcResult Message() => new() { RequestId = RequestId.Null };

    private static async Task<List<JsonRpcMessage>> TakeAllAsync(OutgoingQueue queue)
    {
        var all = new List<JsonRpcMessage>();
        while (await queue.TakeAsync(default) is { } taken)
        {
            all.Add(taken.Message);
        }

        return all;
    }
}
