using System.Text;
using Funion.Network;

namespace Funion.Tests.Network;

public class NetworkDocumentTests
{
    [Fact]
    public void Round_trip_keeps_every_byte()
    {
        using LocalNetworkPlan plan = Networks.Plan(new LocalNetworkOptions { Models = [Networks.Model()], GatewayAddresses = ["http://127.0.0.1:8600"] });
        byte[] bytes = plan.Document.ToBytes();
        Assert.True(NetworkDocument.TryParse(bytes, out NetworkDocument? document));
        Assert.Equal(bytes, document.ToBytes());
        Assert.Equal("http://127.0.0.1:8600", document.Gateways[0].Address);
        Assert.Equal(["null", "\u00e9ins", "\"zwei\""], document.Model("digits")!.Labels!);
        Assert.Equal(plan.Document.Hash(), document.Hash());
    }

    [Fact]
    public void What_it_says_of_an_enclave_is_read_as_it_was_written()
    {
        EnclaveEntry enclave = new("digits.enclave", [1, 2, 3], [.. Enumerable.Range(0, 2_000).Select(i => (byte)(i & 0xff))]);
        using LocalNetworkPlan plan = Networks.Plan(new LocalNetworkOptions { Models = [Networks.Model() with { Enclave = enclave }, Networks.Model("digits.enclave")] });
        byte[] bytes = plan.Document.ToBytes();
        Assert.True(NetworkDocument.TryParse(bytes, out NetworkDocument? document));
        EnclaveEntry read = document.Model("digits")!.Enclave!;
        Assert.Equal((enclave.Model, true, true), (read.Model, read.Architecture.SequenceEqual(enclave.Architecture), read.Attestation.SequenceEqual(enclave.Attestation)));
        Assert.Null(document.Model("digits.enclave")!.Enclave);
        foreach (EnclaveEntry wrong in (EnclaveEntry[])[enclave with { Architecture = [] }, enclave with { Attestation = new byte[EnclaveEntry.MaxSize + 1] }])
        {
            NetworkDocument other = plan.Document with { Models = [.. plan.Document.Models.Select(model => model.Enclave is null ? model : model with { Enclave = wrong })] };
            Assert.False(NetworkDocument.TryParse(other.ToBytes(), out _));
        }
    }

    [Fact]
    public void The_order_of_collection_leaves_no_trace()
    {
        using LocalNetworkPlan plan = Networks.Plan(new LocalNetworkOptions { Models = [Networks.Model("a"), Networks.Model("b")] });
        NetworkDocument other = plan.Document with
        {
            Nodes = [.. plan.Document.Nodes.Reverse()],
            Models = [.. plan.Document.Models.Reverse()],
        };
        Assert.Equal(plan.Document.ToBytes(), other.ToBytes());
    }

    [Fact]
    public void Epochs_count_from_the_origin()
    {
        using LocalNetworkPlan plan = Networks.Plan();
        NetworkDocument document = plan.Document;
        Assert.Equal(3_000, document.Epoch);
        Assert.Equal(3_000, document.EpochAt(Networks.Now));
        Assert.Equal(-1, document.EpochAt(document.EpochOrigin.AddTicks(-1)));
        Assert.Equal(0, document.EpochAt(document.EpochOrigin));
        Assert.Equal(3_000 / 7, document.ReplicaEpochAt(Networks.Now));
        Assert.Equal(document.EpochStart(3_002), document.ValidUntil);
        Assert.Equal(DateTimeOffset.MaxValue, document.EpochStart(long.MaxValue));
    }

    [Fact]
    public void Mutated_documents_never_throw()
    {
        using LocalNetworkPlan plan = Networks.Plan(new LocalNetworkOptions { Replicas = 4, Models = [Networks.Model()] });
        byte[] bytes = plan.Document.ToBytes();
        Random random = new(2);
        for (int round = 0; round < 300; round++)
        {
            byte[] mutated = [.. bytes];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                mutated[random.Next(mutated.Length)] = (byte)"0123456789abcdef{}[]\",:-tf"[random.Next(26)];
            }

            if (NetworkDocument.TryParse(mutated.AsSpan(0, random.Next(2) == 0 ? mutated.Length : random.Next(mutated.Length)), out NetworkDocument? document))
            {
                Assert.Equal(mutated, document.ToBytes());
                _ = NetworkRules.Broken(document);
            }
        }
    }

    [Theory]
    [InlineData("\"epoch\":3000,", "\"epoch\":3000,\"foreign\":1,")]
    [InlineData("\"slack_ms\":30000,", "")]
    [InlineData("\"slack_ms\":30000,", "\"slack_ms\":\"30000\",")]
    [InlineData("\"slack_ms\":30000,", "\"slack_ms\":-1,")]
    [InlineData("\"version\":1", "\"version\":0")]
    [InlineData("\"role\":\"mix\"", "\"role\":\"nix\"")]
    public void Foreign_missing_and_ill_typed_members_are_refused(string from, string to)
    {
        using LocalNetworkPlan plan = Networks.Plan();
        string text = Encoding.UTF8.GetString(plan.Document.ToBytes());
        Assert.Contains(from, text, StringComparison.Ordinal);
        Assert.False(NetworkDocument.TryParse(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)), out _));
    }
}
