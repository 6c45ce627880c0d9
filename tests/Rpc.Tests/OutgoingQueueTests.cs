namespace RdsTunnel.Rpc.Tests;

public sealed class OutgoingQueueTests
{
    [Fact]
    public async Task Post_MoreThanMayWaitUnderAKey_KeepsTheNewestAndCountsTheOthers()
    {
        var queue = new OutgoingQueue();
        var messages = Enumerable.Range(0, 1000).Select(_ => Message()).ToArray();
        foreach (var message in messages)
        {
            queue.Post("log", 3, message);
        }

        queue.Complete();
        var taken = await TakeAllAsync(queue);
        Assert.Equal(messages[^3..], taken.Select(t => t.Entry.Message));
        Assert.Equal([997, 0, 0], taken.Select(t => t.DroppedBefore));
    }

    [Fact]
    public async Task Post_UnderOtherKeys_LeavesTheOrderAlone()
    {
        var queue = new OutgoingQueue();
        var (a1, b, a2, answer) = (Message(), Message(), Message(), Message());
        queue.Post("a", 1, a1);
        queue.Post("b", 1, b);
        var sent = queue.SendAsync(answer);
        queue.Post("a", 1, a2);
        queue.Complete();
        Assert.Equal([b, answer, a2], (await TakeAllAsync(queue)).Select(t => t.Entry.Message));
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
        queue.Post("a", 1, message);
        Assert.Same(message, (await taking.WaitAsync(TestClient.Patience))!.Value.Entry.Message);
    }

    [Fact]
    public async Task Abandon_WithWaitingSenders_ReleasesThem()
    {
        var queue = new OutgoingQueue();
        var waiting = queue.SendAsync(Message());
        queue.Abandon();
        await waiting.WaitAsync(TestClient.Patience);
        await queue.SendAsync(Message()).WaitAsync(TestClient.Patience);
        queue.Post("a", 1, Message());
        Assert.Null(await queue.TakeAsync(default));
    }

    private static ResultMessage Message() => new(default, RpcResult.Null);

    private static async Task<List<(OutgoingQueue.Entry Entry, int DroppedBefore)>> TakeAllAsync(OutgoingQueue queue)
    {
        var all = new List<(OutgoingQueue.Entry, int)>();
        while (await queue.TakeAsync(default) is { } taken)
        {
            all.Add(taken);
        }

        return all;
    }
}
