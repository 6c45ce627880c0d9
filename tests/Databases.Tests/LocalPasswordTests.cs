using Microsoft.Extensions.Time.Testing;

namespace RdsTunnel.Databases.Tests;

public sealed class LocalPasswordTests
{
    private const string Text = "correct-horse-battery";
    private readonly FakeTimeProvider _time = new();
    private readonly LocalPassword _password;

    public LocalPasswordTests() => _password = new LocalPassword(Text, _time);

    [Fact]
    public void Is_ThePasswordAlone()
    {
        Assert.True(_password.Is("correct-horse-battery"u8));
        Assert.False(_password.Is("correct-horse-batterY"u8));
        Assert.False(_password.Is("correct-horse-batter"u8));
        Assert.False(_password.Is(""u8));
    }

    [Fact]
    public void Require_TheRightOne_IsNotWaitedFor() =>
        Assert.True(_password.RequireAsync(isRight: true, CancellationToken.None).IsCompletedSuccessfully);

    [Fact]
    public async Task Require_AWrongOne_IsToldAfterASecond()
    {
        var answer = _password.RequireAsync(isRight: false, CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(LoginError.WrongLocalPassword, (await Assert.ThrowsAsync<LoginException>(() => answer)).Error);
    }

    [Fact]
    public async Task Require_SixteenWrongOnesAtOnce_LetNobodyTryUntilASecondHasPassed()
    {
        var wrong = Enumerable.Range(0, 16).Select(_ => _password.RequireAsync(isRight: false, CancellationToken.None)).ToArray();
        foreach (var isRight in (bool[])[true, false])
        {
            var refused = await Assert.ThrowsAsync<LoginException>(() => _password.RequireAsync(isRight, CancellationToken.None));
            Assert.Contains("Too many wrong local passwords", refused.Message, StringComparison.Ordinal);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (var each in wrong)
        {
            await Assert.ThrowsAsync<LoginException>(() => each);
        }

        await _password.RequireAsync(isRight: true, CancellationToken.None);
    }

    [Fact]
    public async Task Require_ATunnelThatCloses_WaitsNoLonger()
    {
        using var closing = new CancellationTokenSource();
        var answer = _password.RequireAsync(isRight: false, closing.Token);
        await closing.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public void ToString_HidesIt() => Assert.DoesNotContain(Text, _password.ToString(), StringComparison.Ordinal);
}
