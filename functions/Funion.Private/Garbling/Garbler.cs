using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>
/// Garbles a circuit, <see cref="LabelHash.Lanes"/> instances at a time, into the caller's memory. Its working memory is that of one group; nothing else is
/// allocated. One thread at a time; groups are independent, so that two garblers can share a batch.
/// <code>
/// tables of a group = for each and gate, for each instance: T_G 16 ‖ T_E 16
/// </code>
/// </summary>
sealed class Garbler : IDisposable
{
    const int Lanes = LabelHash.Lanes;

    readonly Circuit _circuit;

    readonly Label[] _places;

    /// <summary>Makes working memory for a circuit.</summary>
    public Garbler(Circuit circuit)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        _circuit = circuit;
        _places = GC.AllocateArray<Label>(circuit.Places * Lanes, pinned: true);
    }

    /// <summary>
    /// Garbles up to 16 instances, as many as there are results to decode.
    /// </summary>
    /// <param name="keys">The batch's keys.</param>
    /// <param name="group">Number of the group in its batch.</param>
    /// <param name="delta">Δ, with bit 127 set.</param>
    /// <param name="bound">The bound words of each instance, one instance after the other.</param>
    /// <param name="open">W₀ of each open and each late wire, one instance after the other.</param>
    /// <param name="tables">Takes 32 bytes for each and gate of each instance.</param>
    /// <param name="decode">Takes a word an instance: what the evaluator adds (⊕) to the colours it gets to have the result.</param>
    public void Garble(
        BatchKeys keys, int group, Label delta, ReadOnlySpan<ulong> bound, ReadOnlySpan<Label> open, Span<byte> tables, Span<ulong> decode)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        int instances = decode.Length;
        CircuitShape.Check(_circuit, instances, open.Length, tables.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(bound.Length, instances * _circuit.Bound.Count);
        if (delta.GetElement(15) < 0x80)
        {
            throw new ArgumentException("Without bit 127 of Δ both labels of a wire have one colour.", nameof(delta));
        }
        keys.BoundLabels(group, _places.AsSpan(0, _circuit.BoundBits * Lanes));
        CircuitShape.BindWords(_circuit, bound, instances, delta, _places);
        CircuitShape.Load(_circuit, open, instances, _places);
        GarbleCore(keys.Start, (ulong)group, delta, MemoryMarshal.Cast<byte, Label>(tables), instances);
        CircuitShape.Colours(_circuit, _places, decode);
    }

    /// <summary>The labels that mean 0 of the outputs that were garbled last, one instance after the other.</summary>
    public void ZeroOutputs(Label delta, Span<Label> labels) => CircuitShape.Outputs(_circuit, _places, delta, labels);

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_places.AsSpan()));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void GarbleCore(Label start, ulong group, Label delta, Span<Label> tables, int instances)
    {
        Span<Label> keys = stackalloc Label[LabelHash.FourKeys], partial = stackalloc Label[2 * Lanes];
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
                LabelHash.Expand(start, group, and, keys);
            }
            Span<Label> row = tables.Slice((int)and * 2 * instances, 2 * instances);
            HalfGates.Garble(
                ref keys[(int)(and & 3) * Aes128.RoundKeys], ref left, ref right, ref target,
                ref MemoryMarshal.GetReference(whole ? row : partial),
                (gate.Kind & GateKind.InvertLeft) != 0 ? delta : Label.Zero, (gate.Kind & GateKind.InvertRight) != 0 ? delta : Label.Zero, delta);
            if (!whole)
            {
                partial[..row.Length].CopyTo(row);
            }
            and++;
        }
        partial.Clear();
    }
}
