using RdsTunnel.Faults;

namespace RdsTunnel.DataChannels.Tests.Links;

/// <summary>What a service says is foreign: no secret and no control character of it goes on.</summary>
public sealed class PeerTextTests
{
    private const string Token = "AAEAAXxZ+k/N0oRkQ2bGAw8qPyTq5aSdFgHjKlZxCvBnM0981726354QwErTyUiOp+/w==";

    [Theory]
    [InlineData(null, "")]
    [InlineData("  ", "")]
    [InlineData("Client version is below 1.2.764.0", "Client version is below 1.2.764.0")]
    [InlineData("User: arn:aws:iam::123456789012:user/jane may not call ssmmessages:OpenDataChannel", "User: arn:aws:iam::123456789012:user/jane may not call ssmmessages:OpenDataChannel")]
    [InlineData("two\r\nlines\tand\u001b[31mred\u202e", "two lines and [31mred")]
    [InlineData($"Token {Token} is not valid", "Token ***== is not valid")]
    [InlineData("Token AAEAAXxZ+k/N is not valid", "Token *** is not valid")]
    [InlineData("Token=xQ2bGAw8qx", "Token=***")]
    [InlineData("Token:\"qPyTq5aSdF...\"", "Token:\"***...\"")]
    [InlineData("Signature 5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", "Signature ***")]
    public void Clean_KeepsProseAndNoSecret(string? text, string expected) => Assert.Equal(expected, PeerText.Clean(text, Token));

    [Fact]
    public void Clean_WhatIsLong_IsCut()
    {
        var clean = PeerText.Clean(string.Concat(Enumerable.Repeat("word ", 100_000)));

        Assert.InRange(clean.Length, 200, 201);
        Assert.EndsWith("…", clean, StringComparison.Ordinal);
    }

    // Where the cut falls into the token, no half of it stays.
    [Fact]
    public void Clean_SecretWhereItIsCut_IsHidden()
    {
        for (var before = 150; before < 201; before++)
        {
            Assert.DoesNotContain(Token[..8], PeerText.Clean(new string('.', before) + Token, Token), StringComparison.Ordinal);
        }
    }
}
