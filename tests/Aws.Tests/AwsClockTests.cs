using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.Aws.Tests.Support;
using Xunit;

namespace RdsTunnel.Aws.Tests;

/// <summary>What the dates of AWS's answers make of this computer's clock.</summary>
public sealed class AwsClockTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minutes20 = TimeSpan.FromMinutes(20);

    private readonly SettableClock _local = new();
    private readonly CollectedLogs _logs = new();
    private readonly AwsClock _clock;

    public AwsClockTests() => _clock = new AwsClock(_local, _logs);

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void BeforeTheFirstAnswer_IsThisComputersClock() => Assert.Equal(Start, _clock.GetUtcNow());

    [Theory]
    [InlineData(20)]
    [InlineData(-20)]
    [InlineData(3)]
    [InlineData(60 * 24 * 30)]
    public void Learn_TheDateDiffers_IsTheTimeAtAws(int minutes)
    {
        Answer(Start.AddMinutes(minutes));
        Assert.Equal(Start.AddMinutes(minutes), _clock.GetUtcNow());
        _local.Advance(TimeSpan.FromHours(1));
        Assert.Equal(Start.AddMinutes(minutes + 60), _clock.GetUtcNow());
        Assert.Contains("clock is wrong", Assert.Single(_logs.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, 0)]
    [InlineData(-20, 0)]
    [InlineData(8, 10)] // an answer that took ten seconds may have been dated when it was begun, or when it was done
    [InlineData(-30, 10)]
    public void Learn_TheDateDiffersBySeconds_ThisComputersClockIsKept(int seconds, int elapsedSeconds)
    {
        Answer(Start.AddSeconds(seconds), elapsed: TimeSpan.FromSeconds(elapsedSeconds));
        Assert.Equal(TimeSpan.Zero, _clock.Offset);
        Assert.Empty(_logs.Lines);
    }

    [Fact]
    public void Learn_ManyAnswersWithWholeSeconds_TheOffsetDoesNotWander()
    {
        Answer(Start + Minutes20);
        for (var i = 0; i < 100; i++)
        {
            _local.Advance(TimeSpan.FromMilliseconds(730));
            Answer(_local.GetUtcNow() + Minutes20 - TimeSpan.FromMilliseconds(i % 7 * 143), elapsed: TimeSpan.FromMilliseconds(i));
            Assert.Equal(Minutes20, _clock.Offset);
        }

        Assert.Single(_logs.Lines);
    }

    [Fact]
    public void Learn_TheClockHasBeenSetRight_IsThisComputersClockAgain()
    {
        Answer(Start + Minutes20);
        _local.Set(Start + Minutes20);
        Answer(Start + Minutes20);
        Assert.Equal(TimeSpan.Zero, _clock.Offset);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(-20)]
    public void GetUtcNow_TheClockIsSetRightSinceTheAnswer_IsThisComputersClock(int minutes)
    {
        Answer(Start.AddMinutes(minutes));
        _local.Set(Start.AddMinutes(minutes));
        Assert.Equal(Start.AddMinutes(minutes), _clock.GetUtcNow());
    }

    [Fact]
    public void GetUtcNow_TheClockIsSetBackSinceTheAnswer_IsStillTheTimeAtAws()
    {
        Answer(Start);
        _local.Set(Start - Minutes20);
        Assert.Equal(Start, _clock.GetUtcNow());
    }

    [Fact]
    public void GetUtcNow_TheComputerHasSlept_TheOffsetIsKept()
    {
        Answer(Start + Minutes20);
        _local.Set(Start.AddHours(9)); // its clock went on, its timestamps did not
        Assert.Equal(Start.AddHours(9) + Minutes20, _clock.GetUtcNow());
    }

    [Fact]
    public void Learn_AProxyWritesADateOfItsOwn_TheAcceptedSignatureCounts()
    {
        Answer(Start.AddHours(2), signedAt: Start);
        Assert.Equal(TimeSpan.Zero, _clock.Offset);
    }

    [Fact]
    public void Learn_AProxyHadWrittenADateOfItsOwn_TheAcceptedSignatureSetsItRight()
    {
        Answer(Start.AddHours(2));
        Assert.Equal(TimeSpan.FromHours(2), _clock.Offset);
        Answer(Start.AddHours(2), signedAt: Start);
        Assert.Equal(TimeSpan.Zero, _clock.Offset);
    }

    [Fact]
    public void Learn_TheSignatureWasRefusedForItsDate_TheDateCounts()
    {
        Answer(Start + Minutes20, signedAt: Start, status: HttpStatusCode.BadRequest);
        Assert.Equal(Minutes20, _clock.Offset);
        Answer(Start + Minutes20, signedAt: Start + Minutes20);
        Assert.Equal(Minutes20, _clock.Offset);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("nonsense", null)]
    [InlineData("Sat, 28 Nov 2026 14:00:00 GMT", "300")] // from a cache
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", null)]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT", null)]
    public void Learn_ADateThatTellsNothing_IsLeftAlone(string? date, string? age)
    {
        using var request = new HttpRequestMessage();
        using var response = new HttpResponseMessage();
        _ = date is not null && response.Headers.TryAddWithoutValidation("Date", date);
        _ = age is not null && response.Headers.TryAddWithoutValidation("Age", age);
        _clock.Learn(request, response, TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, _clock.Offset);
    }

    private void Answer(
        DateTimeOffset date,
        DateTimeOffset? signedAt = null,
        HttpStatusCode status = HttpStatusCode.OK,
        TimeSpan elapsed = default
    )
    {
        using var request = new HttpRequestMessage();
        if (signedAt is { } signed)
        {
            request.Headers.Add("X-Amz-Date", signed.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        }

        using var response = new HttpResponseMessage(status);
        response.Headers.TryAddWithoutValidation("Date", date.ToString("R", CultureInfo.InvariantCulture));
        _clock.Learn(request, response, elapsed);
    }

    /// <summary>Time whose clock can be set, while its timestamps go on: as an operating system's.</summary>
    private sealed class SettableClock() : FakeTimeProvider(AwsClockTests.Start)
    {
        private TimeSpan _wrongBy;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _wrongBy;

        public void Set(DateTimeOffset time) => _wrongBy += time - GetUtcNow();
    }
}
