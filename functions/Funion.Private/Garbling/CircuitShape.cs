using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>Labels in and out of the working memory, where those of one wire lie side by side.</summary>
static class CircuitShape
{
    const int Lanes = LabelHash.Lanes;

    /// <summary>Programming errors of both parties' calls.</summary>
    public static void Check(Circuit circuit, int instances, int open, int tables)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(instances, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(instances, Lanes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(open, instances * circuit.Labels);
        ArgumentOutOfRangeException.ThrowIfNotEqual(tables, instances * circuit.AndGates * 32);
    }

    /// <summary>W₀ = active label ⊕ bit·Δ of every bound wire.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void BindWords(Circuit circuit, ReadOnlySpan<ulong> bound, int instances, Label delta, Span<Label> places)
    {
        int words = circuit.Bound.Count;
        for (int lane = 0; lane < instances; lane++)
        {
            int place = lane;
            for (int i = 0; i < words; i++)
            {
                ulong value = bound[(lane * words) + i] >> circuit.Bound[i].First;
                for (int bit = 0; bit < circuit.Bound[i].Bits; bit++)
                {
                    places[place] ^= delta & Vector128.Create(unchecked(0UL - ((value >> bit) & 1))).AsByte();
                    place += Lanes;
                }
            }
        }
    }

    /// <summary>Labels of the open and the late wires, one instance after the other, to their places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(Circuit circuit, ReadOnlySpan<Label> open, int instances, Span<Label> places)
    {
        int bits = circuit.Labels;
        places = places.Slice(circuit.BoundBits * Lanes, bits * Lanes);
        for (int lane = 0; lane < instances; lane++)
        {
            ReadOnlySpan<Label> labels = open.Slice(lane * bits, bits);
            for (int i = 0; i < labels.Length; i++)
            {
                places[(i * Lanes) + lane] = labels[i];
            }
        }
    }

    /// <summary>Adds (⊕) the bits that circuit words take, one instance after the other.</summary>
    public static void XorWords(IReadOnlyList<InputWord> words, ReadOnlySpan<ulong> values, Span<byte> bits)
    {
        int offset = 0;
        for (int i = 0; i < values.Length; i++)
        {
            InputWord word = words[i % words.Count];
            BitPacking.Xor(bits, offset, word.Bits, values[i] >> word.First);
            offset += word.Bits;
        }
    }

    /// <summary>Colours of the outputs, a word an instance, turned where the circuit inverts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Colours(Circuit circuit, ReadOnlySpan<Label> places, Span<ulong> words)
    {
        words.Fill(Inversions(circuit));
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(places);
        for (int i = 0; i < circuit.Outputs; i++)
        {
            ReadOnlySpan<byte> wire = bytes.Slice(circuit.OutputPlaces[i] * Lanes * 16, Lanes * 16);
            for (int lane = 0; lane < words.Length; lane++)
            {
                words[lane] ^= (ulong)(wire[(lane * 16) + 15] >> 7) << i;
            }
        }
    }

    /// <summary>Labels of the outputs' wires, one instance after the other; of what the circuit inverts ⊕ <paramref name="inversion"/>.</summary>
    public static void Outputs(Circuit circuit, ReadOnlySpan<Label> places, Label inversion, Span<Label> labels)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            int lane = i / circuit.Outputs, output = i % circuit.Outputs;
            labels[i] = places[(circuit.OutputPlaces[output] * Lanes) + lane] ^ (circuit.OutputInverted[output] ? inversion : Label.Zero);
        }
    }

    /// <summary>The outputs that are the opposite of their wires.</summary>
    public static ulong Inversions(Circuit circuit)
    {
        ulong inverted = 0;
        for (int i = 0; i < circuit.Outputs; i++)
        {
            inverted |= (circuit.OutputInverted[i] ? 1UL : 0) << i;
        }
        return inverted;
    }
}
