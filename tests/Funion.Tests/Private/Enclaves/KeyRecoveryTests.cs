using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Enclave;
using Funion.Private.Enclaves;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Enclaves;

/// <summary>
/// An owner in league with the cloud. In place of an encrypted weight it hands in (0, 1), which reads as s: whatever it asks is answered s·x. So it finds its model's key,
/// by a question of its own. What is asked by another must not open with it.
/// </summary>
public sealed class KeyRecoveryTests : IDisposable
{
    const int Side = 64, Bits = 24;

    readonly string _hardware = Path.Combine(Path.GetTempPath(), $"funion-{Guid.NewGuid():n}");
    readonly byte[] _seed = RandomNumberGenerator.GetBytes(Ed25519.SeedSize);
    readonly Platform _platform;
    readonly EnclaveCore _core;
    readonly IntegerNetwork _network;
    readonly HiddenLayout _layout;

    public KeyRecoveryTests()
    {
        // One filter of one pixel over a picture that fills a polynomial: what is answered is all of weight times input.
        ConvolutionShape shape = new(new TensorShape(1, Side, Side), 1, Window.Square(1));
        _network = new IntegerNetwork(new Modulus(Bits), shape.Input, 1, [new LinearLayer("1", 0, shape, 127, [1], [0])], 1);
        _layout = new HiddenLayout(new HiddenParameters(_network.Modulus), shape);
        Assert.Equal((1, 1, 0, Side * Side), (_layout.Answers, _layout.Ciphertexts, _layout.Begin, _layout.End));
        _platform = new Platform(_hardware);
        _core = new EnclaveCore(_platform, default, (_, _) => true);
        Expect(EnclaveMessage.Ok, EnclaveMessage.Restore, []);
    }

    [Fact]
    public void An_owner_who_finds_its_models_key_by_its_own_questions_reads_nobody_elses()
    {
        using ModelOwner owner = new(_seed);
        EnclaveOffer offer = EnclaveOffer.TryRead(Expect(EnclaveMessage.Created, EnclaveMessage.Create, new EnclavePolicy(Bits, owner.Key, 100, [], []).ToBytes()))!;
        HiddenLayer cloud = Provide(offer, owner.Key, Crafted());

        // Its own question, 1 at the first pixel: the answer is s, coefficient by coefficient.
        using DataOwner accomplice = new();
        using RingTensor one = RingTensor.Of(_network.Modulus, _network.Input, [1, .. new long[_network.Input.Count - 1]]);
        byte[] question = accomplice.Ask(offer.Identity, one);
        byte[] asked = Expect(EnclaveMessage.Request, EnclaveMessage.Ask, offer.Model.AsSpan(), question);
        byte[] product = new byte[_layout.AnswerSize];
        Assert.Equal(LatticeOutcome.Ok, cloud.TryEvaluate([asked[36..]], [product]));
        byte[] result = Expect(EnclaveMessage.Result, EnclaveMessage.Answer, asked.AsSpan(0, 32), product);
        Assert.Equal(AnswerOutcome.Ok, accomplice.TryOpen(offer.Identity, _network, question, result.AsSpan(32), out RingTensor? answer));
        long[] secret = [.. answer!.ToSigned().Select(value => (long)value)];
        Assert.All(secret, coefficient => Assert.InRange(coefficient, -1, 1));

        // The attack works as far as it goes: that is the key under which the model's weights are encrypted.
        Assert.Equal(LatticeOutcome.Ok, HiddenPublicKey.TryRead(_layout.Parameters, offer.PublicKey, out HiddenPublicKey? key));
        byte[] weight = [];
        key!.Encrypt(_layout, [-77], ciphertext => weight = ciphertext);
        ulong[] opened = Open(weight.AsSpan(0, weight.Length / 2), weight.AsSpan(weight.Length / 2), secret);
        Assert.Equal(-77, _network.Modulus.Signed(opened[0] & _network.Modulus.Mask));
        Assert.All(opened[1..], coefficient => Assert.Equal(0ul, coefficient & _network.Modulus.Mask));

        // Somebody else asks. Nothing of it opens with what was found, not even its noise: of its residues as many lie in any half as in the other.
        using DataOwner victim = new();
        using RingTensor input = RingTensor.Of(_network.Modulus, _network.Input, [.. Enumerable.Range(0, _network.Input.Count).Select(i => (long)(i % 11) - 5)]);
        byte[] theirs = Expect(EnclaveMessage.Request, EnclaveMessage.Ask, offer.Model.AsSpan(), victim.Ask(offer.Identity, input));
        ResidueRing ring = _layout.Parameters.Ring;
        double[] mask = new double[ring.Length];
        ring.Expand(theirs.AsSpan(36, HiddenParameters.SeedSize), MaskKind.EnclaveRequest, 0, mask);
        byte[] a = new byte[ring.ByteSize];
        ring.Write(mask, a);
        ulong[] read = Open(theirs.AsSpan(36 + HiddenParameters.SeedSize, ring.ByteSize), a, secret);
        ulong[] truth = [.. input.Elements.ToArray()];
        Assert.InRange(Enumerable.Range(0, truth.Length).Count(i => (read[i] & _network.Modulus.Mask) == truth[i]), 0, 8);
        Assert.InRange(read.Count(word => (word >> 40 & 1) == 1), (truth.Length / 2) - 250, (truth.Length / 2) + 250);
        // Nor is its key the accomplice's, nor the same for two questions.
        byte[] again = Expect(EnclaveMessage.Request, EnclaveMessage.Ask, offer.Model.AsSpan(), victim.Ask(offer.Identity, input));
        Assert.NotEqual(theirs[36..100], again[36..100]);
    }

    public void Dispose()
    {
        _core.Dispose();
        _platform.Dispose();
        File.Delete(_hardware);
    }

    /// <summary>(0, 1), the constant one being one at every element of the transform.</summary>
    byte[] Crafted()
    {
        ResidueRing ring = _layout.Parameters.Ring;
        double[] half = new double[ring.Length];
        byte[] ciphertext = new byte[2 * ring.ByteSize];
        ring.Write(half, ciphertext.AsSpan(0, ring.ByteSize));
        half.AsSpan().Fill(1);
        ring.Write(half, ciphertext.AsSpan(ring.ByteSize));
        return ciphertext;
    }

    HiddenLayer Provide(EnclaveOffer offer, Bytes32 owner, byte[] ciphertext)
    {
        byte[] body = [.. SHA256.HashData(ciphertext), .. NetworkCode.ToBytes(_network.WithBiases())], signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed, owner.AsSpan(), ModelOwner.Signed(offer.Model, body), signature);
        byte[] message = [.. signature, .. body], provision = new byte[message.Length + SealedBox.Overhead];
        SealedBox.Seal(offer.Identity.SealingKey.AsSpan(), ModelOwner.Info(offer.Model), message, provision);
        Expect(EnclaveMessage.Ok, EnclaveMessage.Provide, offer.Model.AsSpan(), provision);
        Expect(EnclaveMessage.Ok, EnclaveMessage.Weights, offer.Model.AsSpan(), ciphertext);
        HiddenLayer layer = new(_layout);
        Assert.Equal(LatticeOutcome.Ok, layer.Add(ciphertext));
        return layer;
    }

    /// <summary>b + a·s, as coefficients mod 2^64.</summary>
    ulong[] Open(ReadOnlySpan<byte> b, ReadOnlySpan<byte> a, long[] secret)
    {
        ResidueRing ring = _layout.Parameters.Ring;
        double[] sum = new double[ring.Length], factor = new double[ring.Length], key = new double[ring.Length];
        Assert.True(ring.TryRead(b, sum) && ring.TryRead(a, factor));
        ring.Spread([.. secret.Select(value => unchecked((ulong)value))], key);
        ring.Forward(key);
        ring.MultiplyAdd(factor, key, sum);
        ring.Back(sum);
        ulong[] words = new ulong[ring.Degree];
        ring.Lift(sum, words);
        return words;
    }

    byte[] Expect(EnclaveMessage answer, EnclaveMessage kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        (EnclaveMessage said, byte[] body) = _core.Handle(kind, [.. first, .. second]);
        Assert.Equal(answer, said);
        return body;
    }
}
