using System.Net;
using RdsTunnel.Loopback;

namespace RdsTunnel.Tunnels.Tests.Local;

public sealed class TriedOwnersTests
{
    private static readonly IPEndPoint Somebody = new(IPAddress.Loopback, 1);
    private static readonly IPEndPoint Us = new(IPAddress.Loopback, 2);

    [Fact]
    public void Find_SystemThatKnowsOurOwn_IsBelieved()
    {
        var owners = new TriedOwners((local, _) => local.Port == Somebody.Port ? PeerOwner.Other : PeerOwner.Self);
        Assert.True(owners.CanTell);
        Assert.Equal(PeerOwner.Other, owners.Find(Somebody, Us));
    }

    [Theory]
    [InlineData(PeerOwner.NotSupported)]
    [InlineData(PeerOwner.None)]
    [InlineData(PeerOwner.Other)]
    [InlineData(PeerOwner.Root)]
    [InlineData(PeerOwner.Hidden)]
    public void Find_SystemThatTakesOurOwnForAnothers_CountsAsOneThatNeverTells(PeerOwner ofOurOwn)
    {
        var asked = 0;
        var owners = new TriedOwners((_, _) => asked++ == 0 ? ofOurOwn : PeerOwner.Self);
        Assert.False(owners.CanTell);
        Assert.Equal(PeerOwner.NotSupported, owners.Find(Somebody, Us));
        Assert.Equal(1, asked);
    }

    [Fact]
    public void Find_SystemThatCannotTellJustNow_LetsNobodyInAndIsTriedAgain()
    {
        var answers = new Queue<PeerOwner>([PeerOwner.Unknown, PeerOwner.Unknown, PeerOwner.Self, PeerOwner.Other]);
        var owners = new TriedOwners((_, _) => answers.Dequeue());
        Assert.True(owners.CanTell);
        Assert.Equal(PeerOwner.Unknown, owners.Find(Somebody, Us));
        Assert.Equal(PeerOwner.Other, owners.Find(Somebody, Us));
    }

    [Fact]
    public void Find_Trial_AsksAboutAConnectionOfOurOwn()
    {
        (IPEndPoint Local, IPEndPoint Remote)? tried = null;
        _ = new TriedOwners(
            (local, remote) =>
            {
                tried ??= (local, remote);
                return PeerOwner.Self;
            }
        ).CanTell;
        Assert.Equal(IPAddress.Loopback, tried?.Local.Address);
        Assert.Equal(IPAddress.Loopback, tried?.Remote.Address);
        Assert.NotEqual(tried?.Local.Port, tried?.Remote.Port);
    }
}
