using System.Text.Json;
using Funion.Bacap;

namespace Funion.Tests.Vectors;

/// <summary>Vectors of BACAP, one method per primitive.</summary>
static class BacapVectors
{
    public static void MessageBoxIndex(JsonElement vector)
    {
        Assert.True(global::Funion.Bacap.MessageBoxIndex.TryParse(vector.Hex("initial_index_hex"), out global::Funion.Bacap.MessageBoxIndex? index));
        Assert.Equal(AdvanceOutcome.Advanced, index.TryAdvanceTo(vector.Number("advance_to"), out global::Funion.Bacap.MessageBoxIndex? advanced));
        Assert.Equal(vector.Hex("expected_index_hex"), advanced!.ToBytes());
    }

    public static void BoxId(JsonElement vector)
    {
        (WriteCapability capability, global::Funion.Bacap.MessageBoxIndex index) = Advanced(vector);
        BoxId id = vector.GetProperty("use_context").GetBoolean()
            ? capability.ToReadCapability().BoxIdAt(index, vector.Hex("ctx_hex"))
            : capability.ToReadCapability().BoxIdWithoutContext(index);
        Assert.Equal(vector.Hex("expected_box_id_hex"), id.AsSpan().ToArray());
    }

    public static void Encrypt(JsonElement vector)
    {
        (WriteCapability capability, global::Funion.Bacap.MessageBoxIndex index) = Advanced(vector);
        byte[] plaintext = vector.Hex("plaintext_hex"), context = vector.Hex("ctx_hex"), opened = new byte[plaintext.Length];
        Box box = capability.Seal(index, context, plaintext);
        Assert.Equal(vector.Hex("expected_box_id_hex"), box.Id.AsSpan().ToArray());
        Assert.Equal(vector.Hex("expected_ciphertext_hex"), box.Ciphertext.ToArray());
        Assert.Equal(vector.Hex("expected_signature_hex"), box.Signature.ToArray());
        Assert.Equal(OpenOutcome.Opened, capability.ToReadCapability().Open(index, context, box, opened));
        Assert.Equal(plaintext, opened);
    }

    public static void MutateKdfState(JsonElement vector)
    {
        (WriteCapability capability, global::Funion.Bacap.MessageBoxIndex index) = Advanced(vector);
        global::Funion.Bacap.MessageBoxIndex mutated = index.Reseed(vector.Hex("salt_hex"));
        Assert.Equal(vector.Hex("expected_mutated_index_hex"), mutated.ToBytes());
        BoxId id = capability.ToReadCapability().BoxIdAt(mutated, vector.Hex("read_ctx_hex"));
        Assert.Equal(vector.Hex("expected_mutated_box_id_hex"), id.AsSpan().ToArray());
    }

    public static void Layout(JsonElement vector)
    {
        byte[] bytes = vector.Hex("writecap_hex");
        Assert.True(WriteCapability.TryParse(bytes, out WriteCapability? capability));
        Assert.Equal(bytes, capability.ToBytes());
        ReadCapability read = capability.ToReadCapability();
        Assert.Equal(vector.Hex("expected_root_public_key_hex"), read.RootPublicKey.ToArray());
        Assert.Equal(vector.Hex("expected_readcap_hex"), read.ToBytes());
        Assert.True(ReadCapability.TryParse(read.ToBytes(), out ReadCapability? parsed));
        Assert.Equal(read, parsed);
        Assert.Equal(vector.Hex("expected_index_hex"), read.First.ToBytes());
        Assert.Equal(vector.Number("expected_idx64"), read.First.Index);
    }

    public static void Tombstone(JsonElement vector)
    {
        (WriteCapability capability, global::Funion.Bacap.MessageBoxIndex index) = Advanced(vector);
        byte[] context = vector.Hex("ctx_hex");
        Box box = capability.Tombstone(index, context);
        Assert.Equal(vector.Hex("expected_box_id_hex"), box.Id.AsSpan().ToArray());
        Assert.Equal(vector.Hex("expected_signature_hex"), box.Signature.ToArray());
        Assert.Equal(OpenOutcome.Tombstone, capability.ToReadCapability().Open(index, context, box, []));
    }

    public static void Position(JsonElement vector)
    {
        byte[] capability = vector.Hex("readcap_hex"), index = vector.Hex("index_hex");
        bool reachable = StreamPosition.TryParseRead([.. capability, .. index]) is not null;
        Assert.Equal(vector.GetProperty("reachable").GetBoolean(), reachable);
    }

    public static void Negative(JsonElement vector)
    {
        string category = vector.Text("category");
        Assert.Contains(category, (string[])["cannot_rewind", "index_exhausted", "signature_invalid", "decrypt_failed", "box_mismatch", "malformed"]);
        Assert.Equal(category, vector.Text("operation") switch
        {
            "advance_index_to" => Index(vector).TryAdvanceTo(vector.Number("advance_to"), out _) == AdvanceOutcome.CannotRewind ? "cannot_rewind" : "",
            "next_index" => Index(vector).TryNext(out _) ? "" : "index_exhausted",
            "decrypt" => Category(Decrypt(vector)),
            "open" => Category(Open(vector)),
            "verify_box" => Box.Verify(new BoxId(vector.Hex("box_id_hex")), vector.Hex("ciphertext_hex"), vector.Hex("signature_hex"))
                ? "" : "signature_invalid",
            "parse_message_box_index" => global::Funion.Bacap.MessageBoxIndex.TryParse(vector.Hex("blob_hex"), out _) ? "" : "malformed",
            "parse_read_cap" => ReadCapability.TryParse(vector.Hex("blob_hex"), out _) ? "" : "malformed",
            "parse_write_cap" => WriteCapability.TryParse(vector.Hex("blob_hex"), out _) ? "" : "malformed",
            "parse_read_position" => StreamPosition.TryParseRead(vector.Hex("blob_hex")) is not null ? "" : "malformed",
            "parse_write_position" => StreamPosition.TryParseWrite(vector.Hex("blob_hex")) is not null ? "" : "malformed",
            string unknown => throw new InvalidOperationException($"nothing checks the operation '{unknown}'"),
        });
    }

    static OpenOutcome Decrypt(JsonElement vector)
    {
        (_, global::Funion.Bacap.MessageBoxIndex index) = Advanced(vector);
        return ReadCapability.Decrypt(index, vector.Hex("ctx_hex"), BoxOf(vector), new byte[4096]);
    }

    static OpenOutcome Open(JsonElement vector)
    {
        (WriteCapability capability, global::Funion.Bacap.MessageBoxIndex index) = Advanced(vector);
        return capability.ToReadCapability().Open(index, vector.Hex("ctx_hex"), BoxOf(vector), new byte[4096]);
    }

    static Box BoxOf(JsonElement vector) => new(new BoxId(vector.Hex("box_id_hex")), vector.Hex("ciphertext_hex"), vector.Hex("signature_hex"));

    static string Category(OpenOutcome outcome) => outcome switch
    {
        OpenOutcome.SignatureInvalid => "signature_invalid",
        OpenOutcome.DecryptFailed => "decrypt_failed",
        OpenOutcome.BoxMismatch => "box_mismatch",
        _ => "",
    };

    static global::Funion.Bacap.MessageBoxIndex Index(JsonElement vector)
    {
        Assert.True(global::Funion.Bacap.MessageBoxIndex.TryParse(vector.Hex("index_hex"), out global::Funion.Bacap.MessageBoxIndex? index));
        return index;
    }

    static (WriteCapability Capability, global::Funion.Bacap.MessageBoxIndex Index) Advanced(JsonElement vector)
    {
        Assert.True(WriteCapability.TryParse(vector.Hex("writecap_hex"), out WriteCapability? capability));
        ulong target = capability.First.Index + vector.Number("advance_by");
        Assert.Equal(AdvanceOutcome.Advanced, capability.First.TryAdvanceTo(target, out global::Funion.Bacap.MessageBoxIndex? index));
        return (capability, index!);
    }
}
