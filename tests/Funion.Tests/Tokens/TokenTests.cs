using System.Security.Cryptography;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Tests.Tokens;

public sealed class TokenTests
{
    [Fact]
    public void A_token_is_worth_something_for_its_network_epoch_node_and_key_only()
    {
        Token token = TokenStage.Issue();
        TokenKey key = TokenStage.Key.PublicKey;
        Assert.Equal(TokenVerdict.Valid, token.Verify(key, TokenStage.Challenge));
        NodeId other = TokenStage.Document.Gateways[0].Id;
        foreach (TokenChallenge challenge in (TokenChallenge[])
            [
                TokenChallenge.ForJob("another", TokenStage.Epoch, TokenStage.Compute),
                TokenChallenge.ForJob(TokenStage.Document.Name, TokenStage.Epoch + 1, TokenStage.Compute),
                TokenChallenge.ForJob(TokenStage.Document.Name, TokenStage.Epoch, other),
            ])
        {
            Assert.Equal(TokenVerdict.OtherChallenge, token.Verify(key, challenge.Digest()));
        }
        Assert.Equal(TokenVerdict.OtherKey, token.Verify(TokenStage.NextKey.PublicKey, TokenStage.Challenge));
        // Signed with this epoch's key, and saying that it was the next's.
        byte[] relabelled = token.ToBytes();
        TokenStage.NextKey.PublicKey.Id.CopyTo(relabelled, Token.InputSize - TokenKey.IdSize);
        Assert.True(Token.TryParse(relabelled, out Token? forged));
        Assert.Equal(TokenVerdict.InvalidSignature, forged.Verify(TokenStage.NextKey.PublicKey, TokenStage.Challenge));
    }

    [Fact]
    public void A_token_with_any_byte_changed_is_refused()
    {
        byte[] bytes = TokenStage.Issue().ToBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= (byte)(1 << (i % 8));
            Assert.False(Token.TryParse(changed, out Token? token) && token.Verify(TokenStage.Key.PublicKey, TokenStage.Challenge) == TokenVerdict.Valid, $"byte {i}");
        }
        Assert.False(Token.TryParse(bytes.AsSpan(1), out _));
        Assert.False(Token.TryParse([.. bytes, 0], out _));
    }

    [Fact]
    public void A_key_has_one_encoding()
    {
        byte[] encoded = TokenStage.Key.PublicKey.Encoded;
        Assert.Equal(TokenKey.Size, encoded.Length);
        Assert.Equal(SHA256.HashData(encoded), TokenStage.Key.PublicKey.Id);
        for (int i = 0; i < encoded.Length; i++)
        {
            byte[] changed = [.. encoded];
            changed[i] ^= 0x80;
            bool inModulus = i is >= 81 and < 337;
            // Of the modulus only what makes it short or even shows.
            Assert.True(TokenKey.TryParse(changed, out TokenKey? key) == (inModulus && i != 81), $"byte {i}");
            Assert.False(key?.Id.SequenceEqual(TokenStage.Key.PublicKey.Id) ?? false);
        }
        byte[] even = [.. encoded];
        even[336] &= 0xfe;
        Assert.False(TokenKey.TryParse(even, out _));
        Assert.False(TokenKey.TryParse([.. encoded, 0], out _));
        Assert.False(TokenKey.TryParse(encoded.AsSpan(0, TokenKey.Size - 1), out _));
        Assert.False(TokenKey.TryParse([], out _));
        // What the platform writes says rsaEncryption, which RFC 9578 does not take.
        using RSA rsa = RSA.Create(2048);
        Assert.False(TokenKey.TryParse(rsa.ExportSubjectPublicKeyInfo(), out _));
        using RSA large = RSA.Create(3072);
        Assert.Null(TokenKey.OfModulus(large.ExportParameters(false).Modulus));
    }

    [Fact]
    public void Every_request_goes_with_every_token()
    {
        const int Count = 5;
        RsaModulus n = RsaModulus.TryCreate(TokenStage.Key.PublicKey.Encoded.AsSpan(81, 256))!;
        List<byte[]> requests = [], responses = [], signatures = [];
        for (int i = 0; i < Count; i++)
        {
            using PendingToken pending = PendingToken.TryCreate(TokenStage.Key.PublicKey, TokenStage.Challenge)!;
            byte[] response = new byte[PendingToken.ResponseSize];
            Assert.True(TokenStage.Key.TryRespond(pending.Request, response));
            Assert.True(pending.TryFinish(response, out Token? token));
            requests.Add(pending.Request[3..]);
            responses.Add(response);
            signatures.Add(token.Authenticator.ToArray());
        }
        // The issuer holds requests and responses, and later every token. Were there a pair for which no blind leads from one to the other, it would know
        // that they are not each other's: z = m·r^e and sig = s'·r^-1 must have a common r for every pair.
        byte[] inverse = new byte[256], blind = new byte[256], power = new byte[256], encoded = new byte[256], blinded = new byte[256];
        for (int i = 0; i < Count; i++)
        {
            for (int j = 0; j < Count; j++)
            {
                Assert.True(n.TryInvert(signatures[j], inverse));
                n.Multiply(responses[i], inverse, blind);
                n.Power65537(blind, power);
                n.Power65537(signatures[j], encoded);
                n.Multiply(encoded, power, blinded);
                Assert.Equal(requests[i], blinded);
            }
        }
        Assert.Equal(Count, requests.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void A_response_to_another_request_or_a_damaged_one_is_refused()
    {
        using PendingToken one = PendingToken.TryCreate(TokenStage.Key.PublicKey, TokenStage.Challenge)!;
        using PendingToken two = PendingToken.TryCreate(TokenStage.Key.PublicKey, TokenStage.Challenge)!;
        byte[] response = new byte[PendingToken.ResponseSize];
        Assert.True(TokenStage.Key.TryRespond(one.Request, response));
        Assert.False(two.TryFinish(response, out _));
        Assert.False(one.TryFinish(response.AsSpan(1), out _));
        Assert.False(one.TryFinish([.. response, 0], out _));
        Assert.False(one.TryFinish(new byte[PendingToken.ResponseSize], out _));
        Assert.True(one.TryFinish(response, out _));
        Assert.False(TokenStage.NextKey.TryRespond(one.Request, response));
    }
}
