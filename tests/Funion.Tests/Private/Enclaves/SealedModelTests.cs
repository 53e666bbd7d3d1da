using System.Text;
using System.Text.Json.Nodes;
using Funion.Private.Enclaves;

namespace Funion.Tests.Private.Enclaves;

/// <summary>A model as its owner hands it over: signed as a whole, read as it was written, refused when anything of it is another's.</summary>
public sealed class SealedModelTests
{
    static readonly Bytes32 s_model = new([.. Enumerable.Repeat((byte)7, 32)]);

    [Fact]
    public void It_is_read_as_it_was_written_and_no_byte_of_it_can_be_changed()
    {
        using ModelOwner owner = new();
        (SealedModelCard card, byte[] file) = SealedModels.Make(owner, new EnclavePolicy(24, owner.Key, 9, [], []), s_model);
        SealedModelFile read = SealedModelFile.TryOpen(() => new MemoryStream(file))!;
        Assert.Equal(card.ToJson(), read.Card.ToJson());
        Assert.True(read.HoldsItsWeights());
        Assert.Equal(file[^read.Weights().Sum(bytes => bytes.Length)..], read.Weights().SelectMany(bytes => bytes));
        Random random = new(3);
        for (int i = 0; i < 300; i++)
        {
            byte[] changed = [.. file];
            changed[i < 200 ? random.Next(2_000) : random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            Assert.False(SealedModelFile.TryOpen(() => new MemoryStream(changed)) is { } taken && taken.HoldsItsWeights());
        }
        Assert.Null(SealedModelFile.TryOpen(() => new MemoryStream(file[..^1])));
        Assert.Null(SealedModelFile.TryOpen(() => new MemoryStream([.. file, 0])));
        // Another owner's signature under the same policy.
        using ModelOwner other = new();
        Assert.Null(SealedModelFile.TryOpen(() => new MemoryStream(SealedModels.Make(other, card.Policy, s_model).File)));
    }

    [Fact]
    public void A_card_that_contradicts_itself_is_none()
    {
        using ModelOwner owner = new();
        (SealedModelCard card, _) = SealedModels.Make(owner, new EnclavePolicy(24, owner.Key, 9, [], []), s_model);
        (string Part, JsonNode? Value)[] wrong =
        [
            ("name", "../x"), ("name", "Upper"), ("name", ""), ("name", "a.enclave"), ("model", "00"), ("weights", 3), ("policy", "AAAA"), ("architecture", "AAAA"),
            ("policy", Convert.ToBase64String((card.Policy with { Bits = 32 }).ToBytes())), ("policy", Convert.ToBase64String((card.Policy with { Bits = 0 }).ToBytes())),
            ("inputs", new JsonArray()), ("outputs", JsonNode.Parse("""[{"name":"y","datatype":"INT64","shape":[1,2]}]""")), ("labels", JsonNode.Parse("[1]")),
            ("inputs", JsonNode.Parse("""[{"name":"x","datatype":"FP32","shape":[-1,5]}]""")), ("inputs", JsonNode.Parse("""[{"name":"x","datatype":"FP32","shape":[9223372036854775807,4]}]""")),
        ];
        foreach ((string part, JsonNode? value) in wrong)
        {
            JsonObject json = JsonNode.Parse(card.ToJson())!.AsObject();
            json[part] = value;
            Assert.Null(SealedModelCard.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString())));
            json.Remove(part);
            Assert.Null(SealedModelCard.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString())));
        }
    }
}
