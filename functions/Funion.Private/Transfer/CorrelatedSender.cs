using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// The side of correlated transfer that has Δ and gets K₀ of every transfer. Δ is drawn afresh for each session, with bit 127 set: it is also the offset
/// of free XOR, and that bit tells a wire's two labels apart. The other 127 bits are secret, less those that a cheating receiver guessed and was not
/// caught at. Any bad message ends the session. Not for two threads at once.
/// </summary>
sealed class CorrelatedSender : IDisposable
{
    const int Columns = TransferGeometry.Columns;

    const int LabelSize = TransferGeometry.LabelSize;

    readonly TransferGeometry _geometry;

    readonly Bytes32 _session;

    readonly SecretBytes _delta = new(LabelSize);

    readonly BaseTransferReceiver? _base;

    // Where the base transfers are a line's: the chosen keys, and what the other side is told of the choices.
    readonly SecretBytes? _pads;

    readonly byte[] _choose = [];

    SecretBytes? _roundKeys;

    Bytes32 _transcript;

    ulong _counter;

    ulong _number;

    bool _closed;

    Label[] _memory = [];

    /// <summary>Begins a session, whose name both sides know and use once; <paramref name="line"/>: with base transfers of a line.</summary>
    public CorrelatedSender(in Bytes32 session, TransferGeometry geometry, LineBaseReceiver? line = null)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        _session = session;
        _geometry = geometry;
        RandomNumberGenerator.Fill(_delta.Span);
        _delta.Span[^1] |= 0x80;
        Span<byte> choices = stackalloc byte[LabelSize];
        Choices(choices);
        if (line is null)
        {
            _base = new BaseTransferReceiver(session, choices);
        }
        else
        {
            _pads = new SecretBytes(Columns * LabelSize);
            _choose = new byte[LineBase.ChooseSize];
            line.Choose(session, choices, _choose, _pads.Span);
        }
        CryptographicOperations.ZeroMemory(choices);
    }

    /// <summary>Begins with seeds that a dealer drew: 2ᵏ for each tree, of which the ones at Δ are not used.</summary>
    internal CorrelatedSender(in Bytes32 session, TransferGeometry geometry, ReadOnlySpan<byte> delta, ReadOnlySpan<byte> leaves)
    {
        _session = session;
        _geometry = geometry;
        _transcript = session;
        delta.CopyTo(_delta.Span);
        using SecretBytes copy = new(leaves);
        Schedule(copy.Span);
    }

    /// <summary>Whether extensions can be taken.</summary>
    public bool IsOpen => !_closed && _roundKeys is not null;

    /// <summary>What both sides said so far, hashed: binds whatever is built on these transfers.</summary>
    public Bytes32 Transcript => _roundKeys is null ? throw new InvalidOperationException("The session is not open.") : _transcript;

    /// <summary>The first message, for the receiver.</summary>
    public ReadOnlySpan<byte> Choose => _base is not null ? _base.Message : _pads is not null ? _choose : throw new InvalidOperationException("A dealer's session has none.");

    /// <summary>Δ. The caller wipes its copy.</summary>
    public Label Delta
    {
        get
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return Vector128.Create<byte>(_delta.Span);
        }
    }

    /// <summary>Takes the receiver's answer. Once.</summary>
    public TransferOutcome Open(ReadOnlySpan<byte> message)
    {
        if (_closed || _roundKeys is not null || (_base is null && _pads is null))
        {
            return TransferOutcome.Closed;
        }
        TransferOutcome outcome = message.Length == (_pads is null ? _geometry.OpenSize : _geometry.TreesSize) ? OpenCore(message) : TransferOutcome.WrongSize;
        if (outcome != TransferOutcome.Taken)
        {
            Dispose();
        }
        return outcome;
    }

    /// <summary>Takes an extension of as many transfers as there is room for labels, and writes K₀ of each; zeros when it is not sound.</summary>
    public TransferOutcome Extend(ReadOnlySpan<byte> message, Span<Label> labels)
    {
        int blocks = TransferGeometry.Blocks(labels.Length);
        if (!IsOpen)
        {
            return TransferOutcome.Closed;
        }
        TransferOutcome outcome = message.Length == _geometry.ExtensionSize(labels.Length) ? ExtendCore(message, blocks, labels) : TransferOutcome.WrongSize;
        if (outcome != TransferOutcome.Taken)
        {
            labels.Clear();
            Dispose();
        }
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed = true;
        _base?.Dispose();
        _pads?.Dispose();
        _roundKeys?.Dispose();
        _delta.Dispose();
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_memory.AsSpan()));
    }

    TransferOutcome OpenCore(ReadOnlySpan<byte> message)
    {
        using SecretBytes pads = new(Columns * LabelSize), leaves = new(_geometry.Trees * _geometry.Leaves * LabelSize);
        _pads?.Span.CopyTo(pads.Span);
        TransferOutcome outcome = _base?.Receive(message[..(Columns * TransferGeometry.PointSize)], pads.Span) ?? TransferOutcome.Taken;
        if (outcome != TransferOutcome.Taken)
        {
            return outcome;
        }
        // A copy, because the parts are handed out for writing; some KiB once a session.
        OpenMessage parts = new(_geometry, message[^_geometry.TreesSize..].ToArray());
        int padSize = _geometry.Depth * LabelSize, treeSize = _geometry.Leaves * LabelSize;
        bool consistent = true;
        for (int tree = 0; tree < _geometry.Trees; tree++)
        {
            consistent &= SeedTree.Puncture(
                _session, tree, _geometry.Depth, Point(tree), pads.Span.Slice(tree * padSize, padSize), parts.Levels(tree), parts.Proof(tree),
                leaves.Span.Slice(tree * treeSize, treeSize));
        }
        if (!consistent)
        {
            return TransferOutcome.InconsistentTree;
        }
        Schedule(leaves.Span);
        _transcript = OpenMessage.Transcript(_session, _geometry, Choose, message);
        _pads?.Dispose();
        return TransferOutcome.Taken;
    }

    TransferOutcome ExtendCore(ReadOnlySpan<byte> message, int blocks, Span<Label> labels)
    {
        Prepare(blocks);
        Span<Label> columns = _memory.AsSpan(0, Columns * blocks);
        ReadOnlySpan<byte> corrections = message[.._geometry.CorrectionsSize(labels.Length)];
        ExpandAll(blocks, columns, MemoryMarshal.Cast<byte, Label>(corrections));
        ColumnCheck check = new(_transcript, _number, labels.Length, corrections);
        ReadOnlySpan<Label> hashes = MemoryMarshal.Cast<byte, Label>(message[corrections.Length..]);
        Label difference = Label.Zero;
        for (int column = 0; column < Columns; column++)
        {
            difference |= check.Hash(columns.Slice(column * blocks, blocks)) ^ hashes[1 + column] ^ (hashes[0] & DeltaMask(column));
        }
        if (difference != Label.Zero)
        {
            return TransferOutcome.InconsistentColumns;
        }
        for (int block = 0; block < blocks - 1; block++)
        {
            BitMatrix.Transpose(columns, blocks, block, labels[(block * Columns)..]);
        }
        unchecked
        {
            _counter += (uint)ColumnExpander.Step(blocks);
            _number++;
        }
        return TransferOutcome.Taken;
    }

    /// <summary>w' = w ⊕ Δ·correction, so that every tree's columns belong to the choices of tree 0.</summary>
    void ExpandAll(int blocks, Span<Label> columns, ReadOnlySpan<Label> corrections)
    {
        int depth = _geometry.Depth, keys = Aes128.RoundKeys << depth;
        ReadOnlySpan<Label> roundKeys = MemoryMarshal.Cast<byte, Label>(_roundKeys!.Span);
        Span<Label> sum = _memory.AsSpan(columns.Length, blocks), scratch = _memory.AsSpan(columns.Length + blocks, ColumnExpander.ScratchSize(depth));
        for (int tree = 0; tree < _geometry.Trees; tree++)
        {
            Span<Label> ours = columns.Slice(tree * depth * blocks, depth * blocks);
            ColumnExpander.Expand(roundKeys.Slice(tree * keys, keys), depth, punctured: true, _counter, blocks, scratch, sum, ours);
            for (int bit = 0; bit < depth && tree > 0; bit++)
            {
                Label mask = DeltaMask((tree * depth) + bit);
                ReadOnlySpan<Label> correction = corrections.Slice((tree - 1) * blocks, blocks);
                Span<Label> column = ours.Slice(bit * blocks, blocks);
                for (int i = 0; i < column.Length; i++)
                {
                    column[i] ^= correction[i] & mask;
                }
            }
        }
    }

    void Prepare(int blocks)
    {
        int size = ((Columns + 1) * blocks) + ColumnExpander.ScratchSize(_geometry.Depth);
        if (_memory.Length < size)
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_memory.AsSpan()));
            _memory = GC.AllocateArray<Label>(size, pinned: true);
        }
    }

    /// <summary>Puts the leaves of each tree in the order y = x ⊕ Δ, by exchanges that happen or not under a mask, and expands them.</summary>
    void Schedule(Span<byte> leaves)
    {
        Span<Label> seeds = MemoryMarshal.Cast<byte, Label>(leaves);
        for (int i = 0; i < seeds.Length; i++)
        {
            int tree = i / _geometry.Leaves, leaf = i % _geometry.Leaves;
            for (int bit = 0; leaf == 0 && bit < _geometry.Depth; bit++)
            {
                Exchange(seeds.Slice(tree * _geometry.Leaves, _geometry.Leaves), 1 << bit, DeltaMask((tree * _geometry.Depth) + bit));
            }
        }
        _roundKeys = new SecretBytes(leaves.Length * Aes128.RoundKeys);
        ColumnExpander.Schedule(leaves, MemoryMarshal.Cast<byte, Label>(_roundKeys.Span));
    }

    static void Exchange(Span<Label> seeds, int distance, Label mask)
    {
        for (int i = 0; i < seeds.Length; i++)
        {
            if ((i & distance) == 0)
            {
                Label difference = (seeds[i] ^ seeds[i + distance]) & mask;
                seeds[i] ^= difference;
                seeds[i + distance] ^= difference;
            }
        }
    }

    /// <summary>The k bits of Δ that a tree is punctured at.</summary>
    int Point(int tree) => (_delta.Span[tree * _geometry.Depth / 8] >> (tree * _geometry.Depth % 8)) & (_geometry.Leaves - 1);

    int DeltaBit(int column) => (_delta.Span[column / 8] >> (column % 8)) & 1;

    Label DeltaMask(int column) => Vector128.Create(unchecked((byte)-DeltaBit(column)));

    /// <summary>Level i of a tree is for bit k − 1 − i of its point, and the key that is wanted is the one off the path.</summary>
    void Choices(Span<byte> choices)
    {
        choices.Clear();
        for (int i = 0; i < Columns; i++)
        {
            int tree = i / _geometry.Depth, level = i % _geometry.Depth;
            int off = DeltaBit((tree * _geometry.Depth) + _geometry.Depth - 1 - level) ^ 1;
            choices[i / 8] |= (byte)(off << (i % 8));
        }
    }
}
