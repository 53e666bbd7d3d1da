using System.Text;
using System.Text.Json.Nodes;
using Funion.Network;
using Funion.Tests.Network;
using Funion.Tokens;

namespace Funion.Tests.Tokens;

/// <summary>The issuer in the network document.</summary>
public sealed class TokenDocumentTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("https://issuer.example", true)]
    [InlineData("http://127.0.0.1:8700", true)]
    [InlineData("http://issuer.example", false)]
    [InlineData("ftp://127.0.0.1", false)]
    [InlineData("issuer.example", false)]
    public void No_invitation_goes_in_the_clear(string address, bool allowed) => Assert.Equal(
        allowed, !NetworkRules.Broken(TokenStage.Document with { Issuer = TokenStage.Document.Issuer! with { Address = address } }).Any());

    [Fact]
    public void A_document_has_an_issuer_or_not_a_word_of_one()
    {
        NetworkDocument document = TokenStage.Document;
        Assert.True(NetworkDocument.TryParse(document.ToBytes(), out NetworkDocument? read));
        Assert.Equal(document.ToBytes(), read.ToBytes());
        Assert.True(read.Issuer!.TryGetKey(document.Epoch, out TokenKey? key));
        Assert.Equal(TokenStage.Key.PublicKey.Id, key.Id);
        Assert.False(read.Issuer.TryGetKey(document.Epoch - 1, out _));
        using LocalNetworkPlan plain = Networks.Plan();
        Assert.DoesNotContain("issuer", Encoding.UTF8.GetString(plain.Document.ToBytes()), StringComparison.Ordinal);
        Assert.True(NetworkDocument.TryParse(plain.Document.ToBytes(), out NetworkDocument? old));
        Assert.Null(old.Issuer);
    }

    [Fact]
    public void An_issuer_that_is_not_well_formed_makes_no_document()
    {
        foreach (Action<JsonObject> change in (Action<JsonObject>[])
            [
                issuer => issuer["more"] = 1,
                issuer => issuer.Remove("keys"),
                issuer => issuer["keys"]!.AsArray()[0]!["key"] = "00",
                issuer => issuer["keys"]!.AsArray()[0]!["epoch"] = -1,
                issuer => issuer["keys"]!.AsArray()[0]!["more"] = 1,
                issuer => issuer["keys"] = new JsonArray(Enumerable.Range(0, 4).Select(_ => issuer["keys"]!.AsArray()[0]!.DeepClone()).ToArray()),
            ])
        {
            JsonNode json = JsonNode.Parse(TokenStage.Document.ToBytes())!;
            change(json["issuer"]!.AsObject());
            Assert.False(NetworkDocument.TryParse(CanonicalJson.Encode(json), out _));
        }
        JsonNode text = JsonNode.Parse(TokenStage.Document.ToBytes())!;
        text["issuer"] = "none";
        Assert.False(NetworkDocument.TryParse(CanonicalJson.Encode(text), out _));
    }

    [Fact]
    public void The_rules_hold_the_issuer_to_one_key_an_epoch()
    {
        NetworkDocument document = TokenStage.Document;
        Assert.Empty(NetworkRules.Broken(document));
        IReadOnlyList<EpochKey> keys = document.Issuer!.Keys;
        long epoch = document.Epoch;
        foreach (EpochKey[] wrong in (EpochKey[][])
            [
                [], [keys[0]], [keys[1], keys[0]], [.. keys, new EpochKey(epoch + 2, keys[0].PublicKey)],
                [new EpochKey(epoch - 2, Other(0)), .. keys], [keys[0], new EpochKey(epoch + 1, keys[0].PublicKey)],
                [keys[0], new EpochKey(epoch + 1, new byte[TokenKey.Size])],
            ])
        {
            Assert.NotEmpty(NetworkRules.Broken(document with { Issuer = new IssuerEntry("", 4, wrong) }));
        }
        // The key of the epoch before may stand there, for jobs that were paid with it.
        int i = 0;
        byte[] before;
        do
        {
            before = Other(i++);
        }
        while (keys.Any(key => Id(key.PublicKey) == Id(before)));
        Assert.Empty(NetworkRules.Broken(document with { Issuer = new IssuerEntry("", 4, [new EpochKey(epoch - 1, before), .. keys]) }));
    }

    static byte Id(byte[] key) => TokenKey.TryParse(key, out TokenKey? parsed) ? parsed.TruncatedId : (byte)0;

    static byte[] Other(int i)
    {
        byte[] key = [.. TokenStage.Key.PublicKey.Encoded];
        key[200] ^= (byte)(i + 1);
        return key;
    }
}
