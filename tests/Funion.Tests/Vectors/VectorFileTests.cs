using System.Text.Json;

namespace Funion.Tests.Vectors;

/// <summary>
/// Runs every file of the checked-in vectors and, when FUNION_VECTORS names a folder, every file there too. A file is matched by its primitive;
/// one that is unknown fails, so that vectors cannot go unread.
/// </summary>
public sealed class VectorFileTests
{
    static readonly Dictionary<string, Action<JsonElement>> s_checks = new()
    {
        ["aes_gcm_siv"] = PrimitiveVectors.AesGcmSiv,
        ["hkdf_blake2b"] = PrimitiveVectors.Hkdf,
        ["sha512"] = PrimitiveVectors.Sha512,
        ["sha512_256"] = PrimitiveVectors.Sha512_256,
        ["blake2b_256"] = PrimitiveVectors.Blake2b256,
        ["blake2b_512"] = PrimitiveVectors.Blake2b512,
        ["ed25519"] = PrimitiveVectors.Ed25519,
        ["blinded_ed25519"] = PrimitiveVectors.BlindedEd25519,
        ["aes256"] = PrimitiveVectors.Aes256,
        ["aes256_ctr"] = PrimitiveVectors.Aes256Ctr,
        ["polyval"] = PrimitiveVectors.Polyval,
        ["hctr2_aes256"] = PrimitiveVectors.Hctr2,
        ["x25519"] = PrimitiveVectors.X25519,
        ["bacap_message_box_index"] = BacapVectors.MessageBoxIndex,
        ["bacap_box_id"] = BacapVectors.BoxId,
        ["bacap_encrypt"] = BacapVectors.Encrypt,
        ["bacap_mutate_kdf_state"] = BacapVectors.MutateKdfState,
        ["bacap_layout"] = BacapVectors.Layout,
        ["bacap_tombstone"] = BacapVectors.Tombstone,
        ["bacap_position"] = BacapVectors.Position,
        ["bacap_negative"] = BacapVectors.Negative,
        ["rsabssa_sha384"] = TokenVectors.BlindRsa,
        ["privacypass_type2"] = TokenVectors.Type2,
        ["privacypass_challenge"] = TokenVectors.Challenge,
    };

    public static TheoryData<string> Files()
    {
        List<string> files = [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Vectors"), "*.json", SearchOption.AllDirectories)];
        if (Environment.GetEnvironmentVariable("FUNION_VECTORS") is { Length: > 0 } folder)
        {
            files.AddRange(Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories));
        }
        return [.. files.Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_vector_of_the_file_holds(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement root = document.RootElement;
        if (root.TryGetProperty("sections", out JsonElement sections))
        {
            // A bundle: several files in one.
            Assert.NotEqual(0, sections.GetArrayLength());
            Assert.All(sections.EnumerateArray(), Check);
        }
        else if (root.TryGetProperty("files", out JsonElement outputs))
        {
            // What a generator reads. It holds no vectors, but it names the primitives of the files that do.
            Assert.All(outputs.EnumerateObject(), output => Assert.Contains(output.Value.Text("primitive"), s_checks.Keys));
        }
        else
        {
            Check(root);
        }
    }

    static void Check(JsonElement file)
    {
        string primitive = file.Text("primitive");
        Assert.True(s_checks.TryGetValue(primitive, out Action<JsonElement>? check), $"nothing checks the primitive '{primitive}'");
        int count = 0;
        foreach (JsonElement vector in file.GetProperty("vectors").EnumerateArray())
        {
            string name = vector.TryGetProperty("name", out JsonElement value) ? value.GetString()! : $"vector {count}";
            Exception? failure = Record.Exception(() => check!(vector));
            Assert.True(failure is null, $"{name}: {failure}");
            count++;
        }
        Assert.NotEqual(0, count);
    }

    [Fact]
    public void The_checked_in_vectors_are_there() =>
        Assert.True(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Vectors", "bacap"), "*.json").Length >= 11);
}
