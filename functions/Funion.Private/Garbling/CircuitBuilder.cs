using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Funion.Private.Garbling;

/// <summary>
/// Builds a circuit gate by gate. Constants and inversions disappear here. An and gate never has the same label on both sides, which would be hashed twice
/// under one key and cancel all but Δ. Not the same wire is not enough: a ⊕ b and b ⊕ a are two wires and one label. So every wire has a print, random
/// for inputs and ands and added up by exclusive ors: equal prints are equal labels, but for one chance in 2¹²⁸.
/// </summary>
sealed class CircuitBuilder
{
    readonly List<InputWord> _bound = [];

    readonly List<InputWord> _open = [];

    readonly List<InputWord> _late = [];

    readonly List<(int Left, int Right, GateKind Kind)> _gates = [];

    readonly List<UInt128> _prints = [];

    readonly Dictionary<UInt128, int> _sums = [];

    int _inputs;

    /// <summary>A word that the garbler knows when it garbles: <paramref name="bits"/> bits of it, from bit <paramref name="first"/>.</summary>
    public Wire[] Bound(int bits, int first = 0)
    {
        if (_open.Count + _late.Count > 0)
        {
            throw new InvalidOperationException("Bound words come before open and late ones.");
        }
        return Input(_bound, bits, first);
    }

    /// <summary>A word of the evaluator's.</summary>
    public Wire[] Open(int bits, int first = 0)
    {
        if (_late.Count > 0)
        {
            throw new InvalidOperationException("Open words come before late ones.");
        }
        return Input(_open, bits, first);
    }

    /// <summary>A word of the garbler's that it knows only later.</summary>
    public Wire[] Late(int bits, int first = 0) => Input(_late, bits, first);

    /// <summary>left ⊕ right.</summary>
    public Wire Xor(Wire left, Wire right)
    {
        if (left.IsConstant || right.IsConstant)
        {
            return left.IsConstant ? right.InvertedIf(left.IsInverted) : left.InvertedIf(right.IsInverted);
        }
        bool inverted = left.IsInverted ^ right.IsInverted;
        UInt128 print = _prints[left.Number] ^ _prints[right.Number];
        if (print == 0)
        {
            return Wire.False.InvertedIf(inverted);
        }
        Wire sum = _sums.TryGetValue(print, out int known) ? Wire.Of(known) : Add(left.Number, right.Number, GateKind.Xor, print);
        return sum.InvertedIf(inverted);
    }

    /// <summary>left ∧ right.</summary>
    public Wire And(Wire left, Wire right)
    {
        if (left.IsConstant || right.IsConstant)
        {
            Wire constant = left.IsConstant ? left : right, other = left.IsConstant ? right : left;
            return constant.IsInverted ? other : Wire.False;
        }
        if (_prints[left.Number] == _prints[right.Number])
        {
            return left.IsInverted == right.IsInverted ? left : Wire.False;
        }
        GateKind kind = GateKind.And | (left.IsInverted ? GateKind.InvertLeft : 0) | (right.IsInverted ? GateKind.InvertRight : 0);
        return Add(left.Number, right.Number, kind, NextPrint());
    }

    /// <summary>left ∨ right.</summary>
    public Wire Or(Wire left, Wire right) => !And(!left, !right);

    /// <summary>The circuit of everything that the outputs need.</summary>
    public Circuit Build(ReadOnlySpan<Wire> outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs.Length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outputs.Length, 64);
        int[] lastUse = LastUses(outputs);
        int[] place = new int[_inputs + _gates.Count];
        Stack<int> free = [];
        int places = _inputs;
        for (int i = 0; i < _inputs; i++)
        {
            place[i] = i;
        }
        List<Gate> gates = [];
        for (int i = 0; i < _gates.Count; i++)
        {
            int wire = _inputs + i;
            if (lastUse[wire] < 0)
            {
                continue;
            }
            (int left, int right, GateKind kind) = _gates[i];
            int leftPlace = place[left], rightPlace = place[right];
            Release(left, i, lastUse, place, free);
            Release(right, i, lastUse, place, free);
            place[wire] = free.Count > 0 ? free.Pop() : places++;
            gates.Add(new Gate((ushort)leftPlace, (ushort)rightPlace, (ushort)place[wire], kind));
        }
        return new Circuit(
            [.. _bound], [.. _open], [.. _late], [.. gates], [.. outputs.ToArray().Select(wire => (ushort)place[wire.Number])],
            [.. outputs.ToArray().Select(wire => wire.IsInverted)], places);
    }

    static void Release(int wire, int gate, int[] lastUse, int[] place, Stack<int> free)
    {
        // Both sides are never the same wire, so a place is given back once.
        if (lastUse[wire] == gate)
        {
            free.Push(place[wire]);
        }
    }

    /// <summary>The gate that reads a wire last; the number of gates for outputs; −1 for what nobody reads.</summary>
    int[] LastUses(ReadOnlySpan<Wire> outputs)
    {
        int[] last = new int[_inputs + _gates.Count];
        Array.Fill(last, -1);
        foreach (Wire output in outputs)
        {
            if (output.IsConstant)
            {
                throw new ArgumentException("A constant is no output.", nameof(outputs));
            }
            last[output.Number] = _gates.Count;
        }
        for (int i = _gates.Count - 1; i >= 0; i--)
        {
            if (last[_inputs + i] >= 0)
            {
                last[_gates[i].Left] = Math.Max(last[_gates[i].Left], i);
                last[_gates[i].Right] = Math.Max(last[_gates[i].Right], i);
            }
        }
        return last;
    }

    Wire[] Input(List<InputWord> words, int bits, int first)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first + bits, 64);
        if (_gates.Count > 0)
        {
            throw new InvalidOperationException("Inputs come before gates.");
        }
        words.Add(new InputWord(first, bits));
        Wire[] wires = [.. Enumerable.Range(_inputs, bits).Select(Wire.Of)];
        _inputs += bits;
        foreach (Wire wire in wires)
        {
            Remember(wire.Number, NextPrint());
        }
        return wires;
    }

    Wire Add(int left, int right, GateKind kind, UInt128 print)
    {
        int wire = _inputs + _gates.Count;
        if (wire >= ushort.MaxValue)
        {
            throw new InvalidOperationException("A circuit has 65,535 wires at most.");
        }
        _gates.Add((left, right, kind));
        Remember(wire, print);
        return Wire.Of(wire);
    }

    void Remember(int wire, UInt128 print)
    {
        _prints.Add(print);
        _sums.TryAdd(print, wire);
    }

    static UInt128 NextPrint()
    {
        Span<byte> print = stackalloc byte[16];
        RandomNumberGenerator.Fill(print);
        return BinaryPrimitives.ReadUInt128LittleEndian(print);
    }
}
