using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Funion.Private.Garbling;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Tests.Private.Garbling;

/// <summary>The kernels: tables bit for bit as a slow implementation makes them, and results as integers are.</summary>
public sealed class GarblingTests
{
    const int Lanes = 16;

    readonly Random _random = new(20260701);

    [Fact]
    public void Tables_and_decoding_are_those_of_an_independent_implementation()
    {
        Circuit circuit = new Activation { Width = 16, Truncation = 3, Rectifier = Rectifier.Clamp, Limit = 1000 }.ToCircuit();
        Bytes32 session = new(Bytes(32));
        byte[] seed = Bytes(32), delta = Bytes(16);
        delta[15] |= 0x80;
        BatchKeys keys = new(session, 9, seed);
        byte[] derived = new byte[64];
        Funion.Cryptography.Blake2bState hash = new(64, []);
        hash.Append("funion-gc-batch-v1"u8);
        hash.Append(session.AsSpan());
        hash.Append(BitConverter.GetBytes(9UL));
        hash.Append(seed);
        hash.Finish(derived);
        using System.Security.Cryptography.Aes boundCipher = System.Security.Cryptography.Aes.Create();
        boundCipher.Key = derived[16..32];
        foreach (int instances in (int[])[1, 5, 16])
        {
            const int Group = 3;
            ulong[] bound = Words(instances * 2, ushort.MaxValue), decode = new ulong[instances];
            Label[] open = Labels(instances * circuit.Labels);
            byte[] tables = new byte[instances * circuit.AndGates * 32];
            using Garbler garbler = new(circuit);
            garbler.Garble(keys, Group, Vector128.Create(delta), bound, open, tables, decode);
            for (int lane = 0; lane < instances; lane++)
            {
                byte[][] inputs = new byte[circuit.BoundBits + circuit.OpenBits][];
                for (int i = 0; i < circuit.BoundBits; i++)
                {
                    byte[] counter = [.. BitConverter.GetBytes((ulong)((i * Lanes) + lane)), .. BitConverter.GetBytes((ulong)Group)];
                    inputs[i] = boundCipher.EncryptEcb(counter, System.Security.Cryptography.PaddingMode.None);
                    bool bit = ((bound[(lane * 2) + (i / 16)] >> (i % 16)) & 1) != 0;
                    inputs[i] = bit ? SlowGarbling.Xor(inputs[i], delta) : inputs[i];
                }
                for (int i = 0; i < circuit.OpenBits; i++)
                {
                    inputs[circuit.BoundBits + i] = Bytes(open[(lane * circuit.OpenBits) + i]);
                }
                (List<byte[]> expected, byte[][] outputs) = SlowGarbling.Garble(circuit, derived[..16], Group, delta, inputs);
                for (int and = 0; and < expected.Count; and++)
                {
                    Assert.Equal(expected[and], tables[(((and * instances) + lane) * 32)..(((and * instances) + lane + 1) * 32)]);
                }
                for (int i = 0; i < outputs.Length; i++)
                {
                    Assert.Equal(SlowGarbling.Colour(outputs[i]) ^ circuit.OutputInverted[i], ((decode[lane] >> i) & 1) != 0);
                }
            }
        }
    }

    [Fact]
    public void Every_and_gate_with_every_inversion_evaluates_to_its_truth_table()
    {
        for (int inversions = 0; inversions < 8; inversions++)
        {
            CircuitBuilder builder = new();
            Wire x = builder.Bound(1)[0].InvertedIf((inversions & 1) != 0), y = builder.Open(1)[0].InvertedIf((inversions & 2) != 0);
            Circuit circuit = builder.Build([builder.And(x, y).InvertedIf((inversions & 4) != 0), builder.Xor(x, y)]);
            ulong[] bound = [.. Enumerable.Range(0, Lanes).Select(i => (ulong)(i & 1))], open = [.. Enumerable.Range(0, Lanes).Select(i => (ulong)(i >> 1 & 1))];
            ulong[] results = Run(circuit, bound, open, []);
            for (int i = 0; i < Lanes; i++)
            {
                Assert.Equal(circuit.Compute([bound[i]], [open[i]], []), results[i]);
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_relus_are_what_integers_say()
    {
        const int Count = 100_000;
        Activation activation = new() { Width = 32, Truncation = 8 };
        ulong[] values = new ulong[Count], bound = new ulong[2 * Count], open = new ulong[Count];
        for (int i = 0; i < Count; i++)
        {
            values[i] = unchecked((uint)_random.Next(int.MinValue, int.MaxValue));
            bound[2 * i] = (uint)_random.NextInt64(1L << 32);
            bound[(2 * i) + 1] = (uint)_random.NextInt64(1L << 32);
            open[i] = unchecked((uint)(values[i] - bound[2 * i]));
        }
        ulong[] results = Run(activation.ToCircuit(), bound, open, []);
        for (int i = 0; i < Count; i++)
        {
            uint expected = unchecked((uint)(Math.Max((int)values[i], 0) >> 8) - (uint)bound[(2 * i) + 1]);
            if (results[i] != expected)
            {
                Assert.Fail($"{i}: {results[i]} for {expected}");
            }
        }
    }

    [Theory]
    [InlineData(24, 8, true, 1, 1)]
    [InlineData(64, 20, false, 1, 1)]
    [InlineData(16, 0, false, 1, 0)]
    [InlineData(32, 8, false, 1, 2)]
    [InlineData(32, 8, false, 4, 1)]
    [InlineData(28, 6, false, 9, 0)]
    public void Activations_are_what_integers_say(int width, int truncation, bool drop, int window, int rectifier)
    {
        Activation activation = new()
        {
            Width = width, Truncation = truncation, DropLowBits = drop, Window = window, Rectifier = (Rectifier)rectifier,
            Limit = rectifier == (int)Rectifier.Clamp ? 1536UL : 0,
        };
        const int Count = 1_003;
        ulong mask = ulong.MaxValue >> (64 - width);
        ulong[] ours = Words(Count * window, mask), theirs = Words(Count * window, mask), masks = Words(Count, mask);
        ulong[] bound = new ulong[Count * (window + 1)], open = new ulong[Count * (window + 1)];
        for (int i = 0; i < Count; i++)
        {
            ours.AsSpan(i * window, window).CopyTo(bound.AsSpan(i * (window + 1)));
            theirs.AsSpan(i * window, window).CopyTo(open.AsSpan(i * (window + 1)));
            bound[(i * (window + 1)) + window] = open[(i * (window + 1)) + window] = masks[i];
        }
        ulong[] results = Run(activation.ToCircuit(), bound, theirs, []);
        ulong[] other = Run((activation with { GarblerIsBound = false }).ToCircuit(), [], open, ours);
        Assert.Equal(results, other);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(GarbledActivationTests.Plain(activation, ours[(i * window)..((i + 1) * window)], theirs[(i * window)..((i + 1) * window)], masks[i]), results[i]);
        }
    }

    [Fact]
    public void Garbling_and_evaluating_allocate_nothing()
    {
        Circuit circuit = new Activation { Width = 32, Truncation = 8 }.ToCircuit();
        BatchKeys keys = new(default, 0, new byte[32]);
        using Garbler garbler = new(circuit);
        using Evaluator evaluator = new(circuit);
        ulong[] bound = Words(2 * Lanes, uint.MaxValue), decode = new ulong[Lanes];
        Label[] open = Labels(Lanes * circuit.Labels);
        byte[] tables = new byte[Lanes * circuit.AndGates * 32];
        Label delta = Vector128.Create((byte)0xc5);
        long before = 0;
        for (int i = 0; i < 3; i++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            garbler.Garble(keys, i, delta, bound, open, tables, decode);
            evaluator.Evaluate(keys, i, open, tables, decode);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void What_the_evaluator_holds_has_the_same_distribution_of_colours_whatever_the_inputs_are()
    {
        Circuit circuit = new Activation { Width = 16, Truncation = 2 }.ToCircuit();
        foreach (ulong value in (ulong[])[0, ushort.MaxValue])
        {
            int ones = 0;
            for (int batch = 0; batch < 40; batch++)
            {
                BatchKeys keys = new(default, (ulong)batch, Bytes(32));
                Label[] labels = new Label[circuit.BoundBits * Lanes];
                keys.BoundLabels(0, labels);
                ulong[] decode = new ulong[Lanes];
                using Garbler garbler = new(circuit);
                garbler.Garble(
                    keys, 0, Labels(1)[0] | Vector128.Create(0, 1UL << 63).AsByte(), [.. Enumerable.Repeat(value, 2 * Lanes)], Labels(Lanes * circuit.Labels),
                    new byte[Lanes * circuit.AndGates * 32], decode);
                ones += decode.Sum(word => System.Numerics.BitOperations.PopCount(word));
            }
            // 10,240 bits: five standard deviations are 253.
            Assert.InRange(ones, 5_120 - 253, 5_120 + 253);
        }
    }

    [Fact]
    public void Wrong_sizes_are_programming_errors()
    {
        Circuit circuit = new Activation { Width = 16 }.ToCircuit();
        BatchKeys keys = new(default, 0, new byte[32]);
        using Garbler garbler = new(circuit);
        using Evaluator evaluator = new(circuit);
        Label delta = Vector128.Create((byte)0x80);
        Label[] open = new Label[circuit.Labels];
        byte[] tables = new byte[circuit.AndGates * 32];
        ulong[] one = new ulong[1];
        Assert.Throws<ArgumentException>(() => garbler.Garble(keys, 0, Vector128.Create((byte)0x7f), new ulong[2], open, tables, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Garble(keys, 0, delta, new ulong[1], open, tables, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Garble(keys, 0, delta, new ulong[2], open.AsSpan(1), tables, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Garble(keys, 0, delta, new ulong[2], open, tables.AsSpan(1), one));
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Garble(keys, 0, delta, new ulong[2], open, tables, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Garble(keys, 0, delta, new ulong[34], open, tables, new ulong[17]));
        Assert.Throws<ArgumentOutOfRangeException>(() => garbler.Garble(keys, -1, delta, new ulong[2], open, tables, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Evaluate(keys, 0, open.AsSpan(1), tables, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Evaluate(keys, 0, open, tables.AsSpan(1), one));
        Assert.Throws<ArgumentOutOfRangeException>(() => evaluator.Evaluate(keys, -1, open, tables, one));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchKeys(default, 0, new byte[31]));
        Assert.Throws<ArgumentNullException>(() => new Garbler(null!));
        Assert.Throws<ArgumentNullException>(() => new Evaluator(null!));
    }

    /// <summary>Garbles and evaluates, with labels handed over in the open.</summary>
    ulong[] Run(Circuit circuit, ulong[] bound, ulong[] open, ulong[] late)
    {
        int openWords = circuit.Open.Count, lateWords = circuit.Late.Count, boundWords = circuit.Bound.Count, count = open.Length / openWords;
        BatchKeys keys = new(default, 1, Bytes(32));
        Label delta = Labels(1)[0] | Vector128.Create(0, 1UL << 63).AsByte();
        using Garbler garbler = new(circuit);
        using Evaluator evaluator = new(circuit);
        ulong[] results = new ulong[count];
        byte[] tables = new byte[Lanes * circuit.AndGates * 32];
        for (int first = 0; first < count; first += Lanes)
        {
            int instances = Math.Min(Lanes, count - first);
            Label[] labels = Labels(instances * circuit.Labels);
            Span<byte> part = tables.AsSpan(0, instances * circuit.AndGates * 32);
            Span<ulong> words = results.AsSpan(first, instances);
            garbler.Garble(keys, first / Lanes, delta, bound.AsSpan(first * boundWords, instances * boundWords), labels, part, words);
            for (int i = 0; i < instances; i++)
            {
                Span<Label> own = labels.AsSpan(i * circuit.Labels, circuit.Labels);
                Choose(circuit.Open, open.AsSpan((first + i) * openWords, openWords), delta, own);
                Choose(circuit.Late, late.AsSpan((first + i) * lateWords, lateWords), delta, own[circuit.OpenBits..]);
            }
            evaluator.Evaluate(keys, first / Lanes, labels, part, words);
        }
        return results;
    }

    static void Choose(IReadOnlyList<InputWord> words, ReadOnlySpan<ulong> values, Label delta, Span<Label> labels)
    {
        int wire = 0;
        for (int i = 0; i < words.Count; i++)
        {
            for (int bit = 0; bit < words[i].Bits; bit++, wire++)
            {
                labels[wire] ^= ((values[i] >> (words[i].First + bit)) & 1) != 0 ? delta : Label.Zero;
            }
        }
    }

    Label[] Labels(int count) => MemoryMarshal.Cast<byte, Label>(Bytes(count * 16)).ToArray();

    static byte[] Bytes(Label label)
    {
        byte[] bytes = new byte[16];
        label.CopyTo(bytes);
        return bytes;
    }

    byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    ulong[] Words(int count, ulong mask) => [.. MemoryMarshal.Cast<byte, ulong>(Bytes(count * 8)).ToArray().Select(word => word & mask)];
}
