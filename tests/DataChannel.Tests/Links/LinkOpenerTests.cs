using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RdsTunnel.DataChannels.Links;
using RdsTunnel.DataChannels.Tests.Support;

namespace RdsTunnel.DataChannels.Tests.Links;

/// <summary>Each websocket is signed; a signature that is refused does not break what works without one.</summary>
public sealed class LinkOpenerTests
{
    private readonly ScriptedNode _node = new();

    [Fact]
    public async Task Open_EachTime_SignsAnew()
    {
        var count = 0;
        _node.Sign = () => $"signature {++count}";

        await OpenAsync();
        await OpenAsync();

        Assert.Equal(["signature 1", "signature 2"], _node.Signatures);
        Assert.Equal(0, _node.RefusedSignatures);
    }

    [Fact]
    public async Task Open_TheSignatureIsRefused_IsTriedOnceWithoutAndThatIsRemembered()
    {
        _node.Forbids = signature => signature is not null;

        await OpenAsync();

        Assert.Equal(["signature", null], _node.Signatures);
        Assert.Equal(1, _node.RefusedSignatures);
    }

    [Fact]
    public async Task Open_RefusedWithAndWithout_SaysWhatTheSessionSaysAndRemembersNothing()
    {
        _node.Forbids = _ => true;

        Assert.Equal("denied", (await Assert.ThrowsAsync<UnauthorizedAccessException>(OpenAsync)).Message);

        Assert.Equal(["signature", null], _node.Signatures);
        Assert.Equal(0, _node.RefusedSignatures);
    }

    [Fact]
    public async Task Open_TheSignatureIsRefusedAndNoneIsMalformed_SaysWhatTheSessionSays()
    {
        _node.Forbids = signature => signature is not null;
        _node.Refusals.Enqueue(new LinkException("400") { Fault = LinkFault.UpgradeRefused });

        Assert.Equal("denied", (await Assert.ThrowsAsync<UnauthorizedAccessException>(OpenAsync)).Message);
    }

    [Fact]
    public async Task Open_RefusedWithoutASignature_IsNotTriedAgain()
    {
        _node.Sign = () => null;
        _node.Forbids = _ => true;

        await Assert.ThrowsAsync<UnauthorizedAccessException>(OpenAsync);

        Assert.Equal([null], _node.Signatures);
    }

    [Fact]
    public async Task Open_NobodyCanSignNow_OpensNothing()
    {
        _node.Sign = () => throw new IOException("no credentials");

        await Assert.ThrowsAsync<IOException>(OpenAsync);

        Assert.Empty(_node.Signatures);
    }

    private async Task OpenAsync()
    {
        await using var link = await new LinkOpener(_node, _node, new FakeTimeProvider(), NullLogger.Instance).OpenAsync(
            _node.Access,
            CancellationToken.None
        );
    }
}
