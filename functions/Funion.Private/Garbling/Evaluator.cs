using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>
/// Evaluates what a <see cref="Garbler"/> garbled. There is no way for it to fail: wrong tables or labels give wrong results and nothing else, so that a garbler
/// that cheats learns nothing from whether the evaluator stops (no selective failure).
/// </summary>
sealed class Evaluator : IDisposable
{
    const int Lanes = LabelHash.Lanes;

    readonly Circuit _circuit;

    readonly Label[] _places;

    /// <summary>Makes working memory for a circuit.</summary>
    public Evaluator(Circuit circuit)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        _circuit = circuit;
        _places = GC.AllocateArray<Label>(circuit.Places * Lanes, pinned: true);
    }

    /// <summary>Evaluates up to 16 instances: <paramref name="results"/> holds the words to decode with, and then the results.</summary>
    public void Evaluate(BatchKeys keys, int group, ReadOnlySpan<Label> open, ReadOnlySpan<byte> tables, Span<ulong> results)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        int instances = results.Length;
        CircuitShape.Check(_circuit, instances, open.Length, tables.Length);
        keys.BoundLabels(group, _places.AsSpan(0, _circuit.BoundBits * Lanes));
        CircuitShape.Load(_circuit, open, instances, _places);
        EvaluateCore(keys, (ulong)group, MemoryMarshal.Cast<byte, Label>(tables), instances);
        Span<ulong> colours = stackalloc ulong[instances];
        CircuitShape.Colours(_circuit, _places, colours);
        // The circuit's inversions are in the garbler's word as well: they cancel but for one.
        ulong inverted = CircuitShape.Inversions(_circuit);
        for (int i = 0; i < instances; i++)
        {
            results[i] ^= colours[i] ^ inverted;
        }
    }

    /// <summary>The active labels of the outputs that were evaluated last, one instance after the other.</summary>
    public void Outputs(Span<Label> labels) => CircuitShape.Outputs(_circuit, _places, Label.Zero, labels);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_places.AsSpan()));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void EvaluateCore(BatchKeys batch, ulong group, ReadOnlySpan<Label> tables, int instances)
    {
        Span<Label> keys = stackalloc Label[LabelHash.FourKeys], partial = stackalloc Label[2 * Lanes];
        partial.Clear();
        ref Label places = ref MemoryMarshal.GetArrayDataReference(_places);
        bool whole = instances == Lanes;
        uint and = 0;
        foreach (Gate gate in _circuit.Gates)
        {
            ref Label left = ref Unsafe.Add(ref places, gate.Left * Lanes), right = ref Unsafe.Add(ref places, gate.Right * Lanes);
            ref Label target = ref Unsafe.Add(ref places, gate.Target * Lanes);
            if (!gate.IsAnd)
            {
                HalfGates.Xor(ref left, ref right, ref target);
                continue;
            }
            if ((and & 3) == 0)
            {
                LabelHash.Expand(batch.Start, group, and, keys);
            }
            ReadOnlySpan<Label> row = tables.Slice((int)and * 2 * instances, 2 * instances);
            if (!whole)
            {
                row.CopyTo(partial);
            }
            HalfGates.Evaluate(
                ref keys[(int)(and & 3) * Aes128.RoundKeys], ref left, ref right, ref target, ref MemoryMarshal.GetReference(whole ? row : partial));
            and++;
        }
    }
}
