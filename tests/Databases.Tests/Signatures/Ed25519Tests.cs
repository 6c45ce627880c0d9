using System.Security.Cryptography;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using RdsTunnel.Databases.Signatures;

namespace RdsTunnel.Databases.Tests.Signatures;

public sealed class Ed25519Tests
{
    private static readonly JsonElement Vectors = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "ed25519.json")))
        .RootElement.GetProperty("vectors");

    public static TheoryData<string> Names => new(Vectors.EnumerateArray().Select(each => each.GetProperty("name").GetString()!));

    [Theory]
    [MemberData(nameof(Names))]
    public void Sign_VectorOfTheRfc_IsItsSignature(string name)
    {
        var vector = Vectors.EnumerateArray().Single(each => each.GetProperty("name").GetString() == name);
        var (secret, message, signature) = (Hex("secret"), Hex("message"), Hex("signature"));

        Assert.Equal(signature, Sign(secret, message));
        // The reference is held to the same.
        Assert.Equal(signature, ReferenceEd25519.Sign(secret, message));
        Assert.Equal(Hex("public"), ReferenceEd25519.PublicKey(secret));
        Assert.True(ReferenceEd25519.Verify(Hex("public"), message, signature));
        signature[0] ^= 1;
        Assert.False(ReferenceEd25519.Verify(Hex("public"), message, signature));

        byte[] Hex(string property) => Convert.FromHexString(vector.GetProperty(property).GetString()!);
    }

    [Fact]
    public void Sign_ThousandsOfKeysAndMessages_AreThoseOfAnotherImplementation()
    {
        var signer = new Ed25519Signer();
        for (var i = 0; i < 2_000; i++)
        {
            var seed = RandomNumberGenerator.GetBytes(Ed25519.SeedBytes);
            var message = RandomNumberGenerator.GetBytes(i % 300);
            signer.Init(forSigning: true, new Ed25519PrivateKeyParameters(seed));
            signer.BlockUpdate(message, 0, message.Length);
            var expected = Convert.ToHexString(signer.GenerateSignature());

            Assert.True(
                expected == Convert.ToHexString(Sign(seed, message)),
                $"{Convert.ToHexString(seed)} signs {Convert.ToHexString(message)}"
            );
        }
    }

    [Fact]
    public void Sign_SecretOfAnyLength_IsTheReferencesSignature() =>
        Prop.ForAll(
                (from secret in Bytes(200) from message in Bytes(200) select (secret, message)).ToArbitrary(),
                each => Sign(each.secret, each.message).AsSpan().SequenceEqual(ReferenceEd25519.Sign(each.secret, each.message))
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    /// <summary>The public key that MariaDB's documentation has for the password "secret".</summary>
    [Fact]
    public void Sign_PasswordOfMariaDbsDocumentation_IsVerifiedWithItsPublicKey()
    {
        var publicKey = Convert.FromBase64String("ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY=");

        Assert.True(ReferenceEd25519.Verify(publicKey, "nonce"u8, Sign("secret"u8, "nonce"u8)));
        Assert.False(ReferenceEd25519.Verify(publicKey, "nonce"u8, Sign("secrets"u8, "nonce"u8)));
    }

    private static Gen<byte[]> Bytes(int upTo) =>
        from length in Gen.Choose(0, upTo)
        from bytes in Gen.ArrayOf(Gen.Choose(0, 255).Select(each => (byte)each), length)
        select bytes;

    private static byte[] Sign(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> message)
    {
        var signature = new byte[Ed25519.SignatureBytes];
        Ed25519.Sign(secret, message, signature);
        return signature;
    }
}
