using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// The side of correlated transfer that gets random choice bits b and, for each, K_b = K₀ ⊕ b·Δ. In a session: one <see cref="Open"/>, then any number
/// of extensions, each one message to the <see cref="CorrelatedSender"/>. Not for two threads at once.
/// <list type="bullet">
/// <item>References: Ishai, Kilian, Nissim and Petrank (CRYPTO 2003) for k = 1; Roy, "SoftSpokenOT" (ePrint 2022/192), figures 7 and 10.</item>
/// <item>A sender that cheats learns no choice bit: all that depends on them is masked by seeds that it lacks.</item>
/// </list>
/// </summary>
sealed class CorrelatedReceiver : IDisposable
{
    const int Columns = TransferGeometry.Columns;

    readonly TransferGeometry _geometry;

    readonly Bytes32 _session;

    // 11 round keys for each leaf of each tree.
    SecretBytes? _roundKeys;

    Bytes32 _transcript;

    ulong _counter;

    ulong _number;

    bool _closed;

    // Columns, sums of two trees, and the expander's scratch; kept between extensions and wiped at the end.
    Label[] _memory = [];

    /// <summary>Begins a session, whose name both sides know and use once.</summary>
    public CorrelatedReceiver(in Bytes32 session, TransferGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        _session = session;
        _geometry = geometry;
    }

    /// <summary>Begins with seeds that a dealer drew, 2ᵏ for each tree.</summary>
    internal CorrelatedReceiver(in Bytes32 session, TransferGeometry geometry, ReadOnlySpan<byte> leaves) : this(session, geometry)
    {
        _transcript = session;
        Schedule(leaves);
    }

    /// <summary>What both sides said so far, hashed: binds whatever is built on these transfers.</summary>
    public Bytes32 Transcript => _roundKeys is null ? throw new InvalidOperationException("The session is not open.") : _transcript;

    /// <summary>Answers the sender's first message; <paramref name="line"/>: with base transfers of a line. Once.</summary>
    public TransferOutcome Open(ReadOnlySpan<byte> choose, Span<byte> reply, LineBaseSender? line = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(reply.Length, line is null ? _geometry.OpenSize : _geometry.TreesSize);
        if (_closed || _roundKeys is not null)
        {
            return TransferOutcome.Closed;
        }
        using SecretBytes pads = new(Columns * 2 * TransferGeometry.LabelSize);
        Span<byte> trees = reply[^_geometry.TreesSize..];
        TransferOutcome outcome = line is null
            ? BaseTransferSender.Answer(_session, choose, reply[..(Columns * TransferGeometry.PointSize)], pads.Span) : line.Answer(_session, choose, pads.Span);
        if (outcome != TransferOutcome.Taken)
        {
            reply.Clear();
            Dispose();
            return outcome;
        }
        using SecretBytes leaves = new(_geometry.Trees * _geometry.Leaves * TransferGeometry.LabelSize);
        OpenMessage message = new(_geometry, trees);
        int padSize = _geometry.Depth * 2 * TransferGeometry.LabelSize, treeSize = _geometry.Leaves * TransferGeometry.LabelSize;
        for (int tree = 0; tree < _geometry.Trees; tree++)
        {
            SeedTree.Grow(
                _session, tree, _geometry.Depth, pads.Span.Slice(tree * padSize, padSize), message.Levels(tree), message.Proof(tree),
                leaves.Span.Slice(tree * treeSize, treeSize));
        }
        Schedule(leaves.Span);
        _transcript = OpenMessage.Transcript(_session, _geometry, choose, reply);
        return TransferOutcome.Taken;
    }

    /// <summary>
    /// Makes random transfers: the message for the sender, the choice bits, one label for each.
    /// </summary>
    public void Extend(int transfers, Span<byte> message, Span<byte> choices, Span<Label> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, _geometry.ExtensionSize(transfers));
        ArgumentOutOfRangeException.ThrowIfNotEqual(choices.Length, TransferGeometry.ChoicesSize(transfers));
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, transfers);
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_roundKeys is null)
        {
            throw new InvalidOperationException("The session is not open.");
        }
        int blocks = TransferGeometry.Blocks(transfers);
        Prepare(blocks);
        Span<Label> columns = _memory.AsSpan(0, Columns * blocks), sum = _memory.AsSpan(columns.Length, blocks);
        Span<byte> corrections = message[.._geometry.CorrectionsSize(transfers)];
        ExpandAll(blocks, columns, sum, MemoryMarshal.Cast<byte, Label>(corrections));
        ColumnCheck check = new(_transcript, _number, transfers, corrections);
        Span<Label> hashes = MemoryMarshal.Cast<byte, Label>(message[corrections.Length..]);
        hashes[0] = check.Hash(sum);
        for (int column = 0; column < Columns; column++)
        {
            hashes[1 + column] = check.Hash(columns.Slice(column * blocks, blocks));
        }
        // The last block masked the hashes and belongs to nobody now.
        for (int block = 0; block < blocks - 1; block++)
        {
            BitMatrix.Transpose(columns, blocks, block, labels[(block * Columns)..]);
        }
        MemoryMarshal.AsBytes(sum)[..choices.Length].CopyTo(choices);
        if (transfers % 8 != 0)
        {
            choices[^1] &= (byte)((1 << (transfers % 8)) - 1);
        }
        unchecked
        {
            _counter += (uint)ColumnExpander.Step(blocks);
            _number++;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed = true;
        _roundKeys?.Dispose();
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_memory.AsSpan()));
    }

    void ExpandAll(int blocks, Span<Label> columns, Span<Label> first, Span<Label> corrections)
    {
        int depth = _geometry.Depth, keys = Aes128.RoundKeys << depth;
        ReadOnlySpan<Label> roundKeys = MemoryMarshal.Cast<byte, Label>(_roundKeys!.Span);
        Span<Label> other = _memory.AsSpan(columns.Length + blocks, blocks), scratch = _memory.AsSpan(columns.Length + (2 * blocks), ColumnExpander.ScratchSize(depth));
        for (int tree = 0; tree < _geometry.Trees; tree++)
        {
            ColumnExpander.Expand(
                roundKeys.Slice(tree * keys, keys), depth, punctured: false, _counter, blocks, scratch, tree == 0 ? first : other,
                columns.Slice(tree * depth * blocks, depth * blocks));
            if (tree > 0)
            {
                Span<Label> correction = corrections.Slice((tree - 1) * blocks, blocks);
                for (int i = 0; i < blocks; i++)
                {
                    correction[i] = first[i] ^ other[i];
                }
            }
        }
    }

    void Prepare(int blocks)
    {
        int size = ((Columns + 2) * blocks) + ColumnExpander.ScratchSize(_geometry.Depth);
        if (_memory.Length < size)
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_memory.AsSpan()));
            _memory = GC.AllocateArray<Label>(size, pinned: true);
        }
    }

    void Schedule(ReadOnlySpan<byte> leaves)
    {
        _roundKeys = new SecretBytes(leaves.Length * Aes128.RoundKeys);
        ColumnExpander.Schedule(leaves, MemoryMarshal.Cast<byte, Label>(_roundKeys.Span));
    }
}
