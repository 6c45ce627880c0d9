using RdsTunnel.Faults;

namespace RdsTunnel.Rpc.Tests;

/// <summary>What another program says is foreign: no secret and no control character of it goes on.</summary>
public sealed class ForeignTextTests
{
    private const string Token = "AAEAAXxZ+k/N0oRkQ2bGAw8qPyTq5aSdFgHjKlZxCvBnM0981726354QwErTyUiOp+/w==";

    [Theory]
    [InlineData(null, "")]
    [InlineData("  ", "")]
    [InlineData("Client version is below 1.2.764.0", "Client version is below 1.2.764.0")]
    [InlineData(
        "User: arn:aws:iam::123456789012:user/jane may not call ssmmessages:OpenDataChannel",
        "User: arn:aws:iam::123456789012:user/jane may not call ssmmessages:OpenDataChannel"
    )]
    [InlineData("two\r\nlines\tand\u001b[31mred\u202e", "two lines and [31mred")]
    [InlineData($"Token {Token} is not valid", "Token *** is not valid")]
    [InlineData("Token AAEAAXxZ+k/N is not valid", "Token *** is not valid")]
    [InlineData("Token=xQ2bGAw8qx", "Token=***")]
    [InlineData("Token:\"qPyTq5aSdF...\"", "Token:***")]
    [InlineData("xQ2bGAw8qx was said", "*** was said")]
    [InlineData(@"said {""RequestId"":""a"",""TokenValue"":""AAEAAXxZ\u002Bk/N0oRk", "said {\"RequestId\":\"a\",\"TokenValue\":***")]
    [InlineData(@"AAEAAXxZA1b2c3\u002Bk/N0oRk is over", "*** is over")]
    [InlineData("Signature 5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", "Signature ***")]
    public void Quote_KeepsProseAndNoSecret(string? text, string expected) => Assert.Equal(expected, ForeignText.Quote(text, [Token]));

    [Fact]
    public void Quote_WhatIsLong_IsCut()
    {
        var clean = ForeignText.Quote(string.Concat(Enumerable.Repeat("word ", 100_000)));

        Assert.InRange(clean.Length, 200, 201);
        Assert.EndsWith("…", clean, StringComparison.Ordinal);
    }

    // Where the cut falls into the token, no half of it stays.
    [Fact]
    public void Quote_SecretWhereItIsCut_IsHidden()
    {
        for (var before = 150; before < 201; before++)
        {
            Assert.DoesNotContain(Token[..8], ForeignText.Quote(new string('.', before) + Token, [Token]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ValidationException", "ValidationException")]
    [InlineData("InvalidInstanceID.NotFound", "InvalidInstanceID.NotFound")]
    [InlineData("text/html", "text/html")]
    [InlineData("A1bje7MtGbClwBF2Zp9Utkh3yCo8nvbEXAMPLEKE", "")]
    [InlineData("a b", "")]
    [InlineData("<x>", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Name_IsOne_OrNothing(string? text, string expected) => Assert.Equal(expected, ForeignText.Name(text));
}
