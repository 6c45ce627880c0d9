using FsCheck;
using FsCheck.Fluent;
using RdsTunnel.DataChannels.Protocol;
using RdsTunnel.DataChannels.Reliability;

namespace RdsTunnel.DataChannels.Tests.Reliability;

public sealed class ReorderBufferTests
{
    [Fact]
    public void OnArrival_InOrder_IsExpected()
    {
        using var buffer = new ReorderBuffer();
        Assert.Equal(Arrival.Expected, buffer.OnArrival(0, PayloadType.Output, [1]));
        buffer.Advance();
        Assert.Equal(Arrival.Expected, buffer.OnArrival(1, PayloadType.Output, [1]));
    }

    [Fact]
    public void OnArrival_Again_IsADuplicate()
    {
        using var buffer = new ReorderBuffer();
        buffer.Advance();
        Assert.Equal(Arrival.Duplicate, buffer.OnArrival(0, PayloadType.Output, [1]));
        Assert.Equal(Arrival.Kept, buffer.OnArrival(5, PayloadType.Output, [1]));
        Assert.Equal(Arrival.Duplicate, buffer.OnArrival(5, PayloadType.Output, [1]));
    }

    [Fact]
    public void OnArrival_TooFarAhead_IsRefused()
    {
        using var buffer = new ReorderBuffer();
        Assert.Equal(Arrival.Kept, buffer.OnArrival(ReorderBuffer.MaxMessages, PayloadType.Output, [1]));
        Assert.Equal(Arrival.Refused, buffer.OnArrival(ReorderBuffer.MaxMessages + 1, PayloadType.Output, [1]));
        Assert.Equal(Arrival.Refused, buffer.OnArrival(long.MaxValue, PayloadType.Output, [1]));
    }

    [Fact]
    public void OnArrival_MoreThanTheBound_IsRefusedButTheExpectedIsNot()
    {
        using var buffer = new ReorderBuffer();
        var payload = new byte[1024 * 1024];
        for (var i = 1; i <= ReorderBuffer.MaxBytes / payload.Length; i++)
        {
            Assert.Equal(Arrival.Kept, buffer.OnArrival(i, PayloadType.Output, payload));
        }

        Assert.Equal(Arrival.Refused, buffer.OnArrival(1_000, PayloadType.Output, payload));
        Assert.Equal(Arrival.Expected, buffer.OnArrival(0, PayloadType.Output, payload));
    }

    [Fact]
    public void AnyOrderOfArrival_ComesOutInOrderOnce() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<int>(),
                seed =>
                {
                    var random = new Random(seed);
                    var arrivals = Enumerable.Range(0, 200).Concat(Enumerable.Range(0, 200)).ToArray();
                    random.Shuffle(arrivals);
                    using var buffer = new ReorderBuffer();
                    var delivered = new List<int>();
                    foreach (var number in arrivals)
                    {
                        if (buffer.OnArrival(number, PayloadType.Output, BitConverter.GetBytes(number)) != Arrival.Expected)
                        {
                            continue;
                        }

                        delivered.Add(number);
                        buffer.Advance();
                        while (buffer.TryPeek(out _, out var payload))
                        {
                            delivered.Add(BitConverter.ToInt32(payload));
                            buffer.AdvancePeeked();
                        }
                    }

                    Assert.Equal(Enumerable.Range(0, 200), delivered);
                }
            )
            .QuickCheckThrowOnFailure();
}
