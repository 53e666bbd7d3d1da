using Funion.Cryptography;

namespace Funion.Private.Garbling;

/// <summary>
/// A Boolean circuit of exclusive or and and gates, ready to be garbled for many instances at once. Inputs are of three kinds:
/// <list type="bullet">
/// <item>bound: the garbler knows them when it garbles. They cost nothing on the wire.</item>
/// <item>open: the evaluator's. Their labels reach it by transfer.</item>
/// <item>late: the garbler's, not known when it garbles. It sends their labels when it knows them.</item>
/// </list>
/// Wires share places in memory as soon as their last reader is done. Immutable.
/// </summary>
sealed class Circuit
{
    readonly Gate[] _gates;

    readonly ushort[] _outputs;

    readonly bool[] _inverted;

    internal Circuit(InputWord[] bound, InputWord[] open, InputWord[] late, Gate[] gates, ushort[] outputs, bool[] inverted, int places)
    {
        Bound = bound;
        Open = open;
        Late = late;
        _gates = gates;
        _outputs = outputs;
        _inverted = inverted;
        Places = places;
        BoundBits = bound.Sum(word => word.Bits);
        OpenBits = open.Sum(word => word.Bits);
        LateBits = late.Sum(word => word.Bits);
        AndGates = gates.Count(gate => gate.IsAnd);
        Digest = Hash();
    }

    /// <summary>Words that the garbler knows when it garbles, in order. Their wires are at places 0 and on.</summary>
    public IReadOnlyList<InputWord> Bound { get; }

    /// <summary>The evaluator's words. Their wires follow those of the bound words.</summary>
    public IReadOnlyList<InputWord> Open { get; }

    /// <summary>The garbler's words that it does not know yet. Their wires come last.</summary>
    public IReadOnlyList<InputWord> Late { get; }

    /// <summary>Names the circuit: both parties must mean the same.</summary>
    public Bytes32 Digest { get; }

    /// <summary>Wires of all bound words.</summary>
    public int BoundBits { get; }

    /// <summary>Wires of all open words: transfers an instance.</summary>
    public int OpenBits { get; }

    /// <summary>Wires of all late words.</summary>
    public int LateBits { get; }

    /// <summary>Labels an instance that the caller brings: of open wires, then of late ones.</summary>
    public int Labels => OpenBits + LateBits;

    /// <summary>Gates that cost something: 32 bytes each.</summary>
    public int AndGates { get; }

    /// <summary>Bits of the result, 64 at most.</summary>
    public int Outputs => _outputs.Length;

    /// <summary>Labels that are alive at once at most.</summary>
    public int Places { get; }

    /// <summary>In the order of evaluation.</summary>
    public ReadOnlySpan<Gate> Gates => _gates;

    /// <summary>Places of the result's bits, lowest first.</summary>
    public ReadOnlySpan<ushort> OutputPlaces => _outputs;

    /// <summary>Whether the result's bit is the opposite of its wire.</summary>
    public ReadOnlySpan<bool> OutputInverted => _inverted;

    /// <summary>The result for plain inputs: what the garbled circuit must agree with.</summary>
    public ulong Compute(ReadOnlySpan<ulong> bound, ReadOnlySpan<ulong> open, ReadOnlySpan<ulong> late)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bound.Length, Bound.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(open.Length, Open.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(late.Length, Late.Count);
        bool[] places = new bool[Places];
        Spread(Bound, bound, places);
        Spread(Open, open, places.AsSpan(BoundBits));
        Spread(Late, late, places.AsSpan(BoundBits + OpenBits));
        foreach (Gate gate in _gates)
        {
            bool left = places[gate.Left] ^ ((gate.Kind & GateKind.InvertLeft) != 0), right = places[gate.Right] ^ ((gate.Kind & GateKind.InvertRight) != 0);
            places[gate.Target] = gate.IsAnd ? left & right : left ^ right;
        }
        ulong result = 0;
        for (int i = 0; i < _outputs.Length; i++)
        {
            result |= (places[_outputs[i]] ^ _inverted[i] ? 1UL : 0) << i;
        }
        return result;
    }

    Bytes32 Hash()
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256];
        Blake2bState state = new(hash.Length, []);
        state.Append("funion-gc-circuit-v1"u8);
        foreach (IReadOnlyList<InputWord> words in (IReadOnlyList<InputWord>[])[Bound, Open, Late])
        {
            state.Append([(byte)words.Count]);
            foreach (InputWord word in words)
            {
                state.Append([(byte)word.First, (byte)word.Bits]);
            }
        }
        foreach (Gate gate in _gates)
        {
            state.Append([.. Bytes(gate.Left), .. Bytes(gate.Right), .. Bytes(gate.Target), (byte)gate.Kind]);
        }
        for (int i = 0; i < _outputs.Length; i++)
        {
            state.Append([.. Bytes(_outputs[i]), (byte)(_inverted[i] ? 1 : 0)]);
        }
        state.Finish(hash);
        return new Bytes32(hash);
    }

    static byte[] Bytes(ushort value) => [unchecked((byte)value), (byte)(value >> 8)];

    static void Spread(IReadOnlyList<InputWord> words, ReadOnlySpan<ulong> values, Span<bool> places)
    {
        int place = 0;
        for (int i = 0; i < words.Count; i++)
        {
            for (int bit = 0; bit < words[i].Bits; bit++)
            {
                places[place++] = ((values[i] >> (words[i].First + bit)) & 1) != 0;
            }
        }
    }
}
