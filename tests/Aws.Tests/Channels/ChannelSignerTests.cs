using System.Globalization;
using System.Text.Json;
using Amazon.Runtime;
using RdsTunnel.Aws.Channels;
using Xunit;

namespace RdsTunnel.Aws.Tests.Channels;

/// <summary>The upgrade is signed as the reference client signs it.</summary>
public sealed class ChannelSignerTests
{
    private const string Host = "wss://ssmmessages.us-east-1.amazonaws.com";

    private static readonly ImmutableCredentials Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private static readonly DateTimeOffset Time = new(2026, 11, 28, 3, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Vectors => new(Read().Select(vector => vector.Name));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Sign_Vector_GivesTheReferenceClientsHeaders(string name)
    {
        var vector = Read().Single(each => each.Name == name);
        var time = DateTimeOffset.ParseExact(
            vector.Time,
            "yyyyMMdd'T'HHmmss'Z'",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal
        );
        var keys = new ImmutableCredentials(
            vector.AccessKeyId,
            vector.SecretAccessKey,
            vector.SessionToken.Length == 0 ? null : vector.SessionToken
        );

        var headers = ChannelSigner.Sign(AsItIs(vector.Url), vector.Region, keys, time);

        Assert.Equal(vector.Headers.OrderBy(header => header.Key), headers.OrderBy(header => header.Key));
        Assert.False(ChannelSigner.IsPresigned(AsItIs(vector.Url)));
    }

    // The same canonical request gives the same signature.
    [Theory]
    [InlineData("/x?cell-number=a+b", "/x?cell-number=a%20b")]
    [InlineData("/x?cell-number=a/b=", "/x?cell-number=a%2Fb%3D")]
    [InlineData("/x?cell-number=a%2bb%7e", "/x?cell-number=a%2Bb~")]
    [InlineData("/x?role=r&cell-number=c", "/x?cell-number=c&role=r")]
    [InlineData("/x?a=2&a=1", "/x?a=1&a=2")]
    [InlineData("/x?a&&b=", "/x?a=&b=")]
    [InlineData("/x?a=1;b=2&c=3", "/x?c=3")]
    [InlineData("/x?a=%FF", "/x?a=%ff")]
    public void Sign_QueriesThatReadTheSame_HaveTheSameSignature(string one, string other) =>
        Assert.Equal(Signature(one), Signature(other));

    [Theory]
    [InlineData("/x?a=b+c", "/x?a=b%2Bc")]
    [InlineData("/x?a=B", "/x?a=b")]
    [InlineData("/jane@example.com", "/jane%40example.com")]
    [InlineData("/a//b", "/a/b")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/x?a=%FF", "/x?a=%C3%BF")]
    public void Sign_AddressesThatDiffer_HaveDifferentSignatures(string one, string other) =>
        Assert.NotEqual(Signature(one), Signature(other));

    [Theory]
    [InlineData("X-Amz-Algorithm")]
    [InlineData("X-Amz-Credential")]
    [InlineData("X-Amz-Date")]
    [InlineData("X-Amz-Expires")]
    [InlineData("X-Amz-SignedHeaders")]
    [InlineData("X-Amz-Signature")]
    [InlineData("X-Amz-Security-Token")]
    [InlineData("x-amz-signature")]
    [InlineData("X%2DAmz%2DSignature")]
    public void IsPresigned_AnyParameterOfASignature_IsTrue(string name) =>
        Assert.True(ChannelSigner.IsPresigned(AsItIs($"{Host}/v1/data-channel/x?role=publish_subscribe&{name}=v")));

    [Theory]
    [InlineData("?role=X-Amz-Signature")]
    [InlineData("?X-Amz-Target=x")]
    [InlineData("?my-X-Amz-Signature=x")]
    [InlineData("")]
    public void IsPresigned_Otherwise_IsFalse(string query) =>
        Assert.False(ChannelSigner.IsPresigned(AsItIs($"{Host}/v1/X-Amz-Signature=x{query}")));

    private static string Signature(string target) =>
        ChannelSigner.Sign(AsItIs(Host + target), "us-east-1", Keys, Time).Single(header => header.Key == "Authorization").Value;

    private static Uri AsItIs(string url)
    {
        Assert.True(Uri.TryCreate(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri));
        return uri;
    }

    private static List<Vector> Read() =>
        JsonSerializer.Deserialize<List<Vector>>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "vectors", "open-data-channel-signatures.json"))
        )!;

    private sealed record Vector(
        string Name,
        string Url,
        string Region,
        string AccessKeyId,
        string SecretAccessKey,
        string SessionToken,
        string Time,
        Dictionary<string, string> Headers
    );
}
