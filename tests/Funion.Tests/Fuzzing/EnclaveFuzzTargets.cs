using System.Security.Cryptography;
using System.Text;
using Funion.Cli.Enclaves;
using Funion.Cryptography;
using Funion.Enclave;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;
using Funion.Tests.Private.Enclaves;
using Funion.Tests.Private.Hidden;

namespace Funion.Tests.Fuzzing;

/// <summary>What enclaves, their clouds, owners of models and those who ask read of each other.</summary>
static class EnclaveFuzzTargets
{
    static readonly Bytes32 s_key = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public static IReadOnlyList<FuzzTarget> All { get; } = [.. Documents(), .. Attestations(), .. Owners(), .. Ciphertexts(), .. State()];

    static IEnumerable<FuzzTarget> Documents()
    {
        EnclavePolicy policy = new(24, s_key, 5, [s_key, default], [s_key]);
        yield return new("policy of an enclave's model", typeof(EnclavePolicy), [policy.ToBytes()], bytes =>
            EnclavePolicy.TryRead(bytes) is { } read && Same(bytes, read.ToBytes()));
        EnclaveIdentity identity = new(s_key, s_key, s_key, policy.Digest(), EnclaveIdentity.KeyDigest([]), 7, s_key);
        yield return new("identity of an enclave", typeof(EnclaveIdentity), [identity.ToBytes()], bytes =>
            EnclaveIdentity.TryRead(bytes) is { } read && Same(bytes, read.ToBytes()));
        yield return new("offer of an enclave", typeof(EnclaveOffer), [[.. identity.Model().AsSpan(), .. identity.ToBytes(), 0, 0, 0, 0, 1, 2]], bytes =>
            EnclaveOffer.TryRead(bytes) is not null);
        yield return new("simulated evidence", typeof(SimulatedEvidence), [SimulatedEvidence.Sign(identity)], bytes => SimulatedEvidence.TryRead(bytes) is not null);
        byte[] seed = new byte[32], signer = new byte[32];
        Ed25519.PublicKey(seed, signer);
        yield return new("receipt of an enclave", typeof(EnclaveReceipt), [new EnclaveReceipt(s_key, s_key, s_key, s_key, 3).Sign(seed, signer)], bytes =>
            EnclaveReceipt.TryRead(bytes, new Bytes32(signer)) is not null);
        byte[][] networks = [.. Enumerable.Range(0, 6).Select(i => NetworkCode.ToBytes(SmallNetworks.Draw(new Random(i)).WithBiases()))];
        yield return new("network for an enclave", typeof(NetworkCode), networks, bytes =>
            NetworkCode.TryRead(bytes) is { } network && Same(bytes, NetworkCode.ToBytes(network)));
        byte[] message = [3, 0, 0, 0, (byte)EnclaveMessage.Ask, 1, 2, 3];
        yield return new("message to an enclave", typeof(EnclavePipe), [message], bytes =>
            new EnclavePipe(new MemoryStream(bytes), Stream.Null).TryRead(out _, out byte[] body) && body.Length <= bytes.Length);
    }

    static IEnumerable<FuzzTarget> Attestations()
    {
        using AttestationAuthority authority = new();
        byte[] token = authority.Token(authority.Claims()), trust = Encoding.UTF8.GetBytes(authority.TrustJson().ToJsonString());
        AttestationTrust trusted = authority.Trust();
        yield return new("attestation token", typeof(JsonWebToken), [token], bytes => JsonWebToken.TryRead(bytes, trusted.Keys, out _) == AttestationOutcome.Ok);
        yield return new("what evidence is held to", typeof(AttestationTrust), [trust], bytes => AttestationTrust.TryParse(bytes) is not null);
        yield return new("file of evidence", typeof(AttestationFile), [new AttestationFile(AttestationFile.Azure, authority.Identity, token).ToJson()], bytes =>
            AttestationFile.TryParse(bytes) is not null);
    }

    static IEnumerable<FuzzTarget> Owners()
    {
        using ModelOwner owner = new(new byte[32]);
        EnclavePolicy policy = new(24, owner.Key, 5, [s_key], []);
        EnclaveIdentity identity = new(s_key, s_key, s_key, policy.Digest(), EnclaveIdentity.KeyDigest([1, 2]), 7, s_key);
        AttestationFile evidence = new(AttestationFile.Simulated, identity, SimulatedEvidence.Sign(identity), policy);
        yield return new("evidence with a policy", typeof(AttestationFile), [evidence.ToJson()], bytes => AttestationFile.TryParse(bytes) is not null);
        yield return new("offer for an owner", typeof(OfferFile), [new OfferFile(evidence, [1, 2]).ToJson()], bytes => OfferFile.TryParse(bytes) is not null);
        (SealedModelCard card, byte[] file) = SealedModels.Make(owner, policy, identity.Model());
        // An architecture is read, which has a target of its own.
        yield return new("card of a sealed model", typeof(SealedModelCard), [card.ToJson()], bytes => SealedModelCard.TryParse(bytes) is not null);
        yield return new("sealed model", typeof(SealedModelFile), [file], bytes => SealedModelFile.TryOpen(() => new MemoryStream(bytes)) is not null);
        byte[] seed = [.. "funion-model-owner-key-v1\n"u8, .. new byte[32]];
        yield return new("owner's key", typeof(OwnerKeyFile), [seed], bytes =>
        {
            using ModelOwner? read = OwnerKeyFile.TryParse(bytes);
            return read is not null;
        });
        yield return new("asker's keys", typeof(AskerKeyFile), [[.. "funion-enclave-asker-v1\n"u8, .. new byte[64]]], bytes =>
        {
            using DataOwner? read = AskerKeyFile.TryParse(bytes);
            return read is not null;
        });
        yield return new("counter of an enclave", typeof(SeenCounters), [[1, 0, 0, 0, 0, 0, 0, 0, 9]], bytes => SeenCounters.TryParse(bytes, out _));
    }

    static IEnumerable<FuzzTarget> Ciphertexts()
    {
        HiddenParameters parameters = new(new Modulus(24));
        ModelKey key = new(parameters, new byte[32]);
        byte[] publicKey = key.PublicKey();
        yield return new("public key of an enclave", typeof(HiddenPublicKey), [publicKey], bytes =>
            HiddenPublicKey.TryRead(parameters, bytes, out _) == LatticeOutcome.Ok);
    }

    static IEnumerable<FuzzTarget> State()
    {
        EnclaveState state = EnclaveState.Create();
        ModelRecord record = new(s_key, new EnclavePolicy(0, s_key, 5, [], []), default, new SecretBytes(new byte[32]));
        IntegerNetwork network = SmallNetworks.Draw(new Random(1));
        record.Provide([.. new byte[32], .. NetworkCode.ToBytes(network.WithBiases())]);
        record.Admit(s_key);
        state.Models.Add(s_key, record);
        state.Queries.Add(s_key, (s_key, 3));
        state.Asked.Add(s_key, 5);
        // Sealed where it is at rest: this is for what a fault leaves.
        yield return new("state of an enclave", typeof(EnclaveState), [state.ToBytes()], bytes =>
        {
            using EnclaveState? read = EnclaveState.TryRead(bytes);
            return read is not null;
        });
        RingTensor?[] values = new RingTensor?[network.Layers.Count + 1];
        values[0] = RingTensor.Uniform(network.Modulus, network.Input);
        QueryRecord query = new(s_key, s_key, s_key, new Evaluation(record.Model!, 0, values), []);
        yield return new("query of an enclave", typeof(QueryRecord), [query.ToBytes(network.Modulus)], bytes =>
        {
            using QueryRecord? read = QueryRecord.TryRead(bytes, _ => record.Model);
            return read is not null;
        });
    }

    static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one.SequenceEqual(other) ? true : throw new CryptographicException("Not written as it was read.");
}
