using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;

namespace Funion.Private.Transfer;

/// <summary>
/// A puncturable pseudorandom function as a tree of seeds: one party has all 2ᵏ leaves, the other all but the one at its secret point α, for k base
/// transfers.
/// <code>
/// left ‖ right   = BLAKE2b-512("funion-ot-tree-v1" ‖ session ‖ tree ‖ node)[0:32]
/// level i        : K_b = ⊕ of the nodes with last bit b, sent as K_b ⊕ pad_b; the puncturer has the pad of b = ¬α's bit, which gives it the
///                  sibling of the node on the path to α
/// check ‖ leaf   = BLAKE2b-512("funion-ot-leaf-v1" ‖ session ‖ tree ‖ node)[0:48]
/// sum            = ⊕ of all checks 32       hash = BLAKE2b-256("funion-ot-check-v1" ‖ session ‖ tree ‖ all checks)
/// </code>
/// With the sum the puncturer computes the check of the leaf it lacks, and so the hash over all: a tree that does not fit the levels' transfers is
/// refused, unless the cheater guessed the part of α that hides it. Such a guess costs it one bit of probability for each bit of Δ.
/// <list type="bullet">
/// <item>References: Goldreich, Goldwasser and Micali (1986); Roy, "SoftSpokenOT" (CRYPTO 2022, ePrint 2022/192), section 5.</item>
/// <item>Assumption: BLAKE2b a random oracle.</item>
/// </list>
/// </summary>
static class SeedTree
{
    const int Size = TransferGeometry.LabelSize;

    const int CheckSize = TransferGeometry.TreeSumSize;

    /// <summary>
    /// Grows a tree from a random root. <paramref name="pads"/> are both keys of k base transfers, <paramref name="levels"/> takes their 2·16 bytes a
    /// level, <paramref name="proof"/> sum ‖ hash, <paramref name="leaves"/> 2ᵏ seeds.
    /// </summary>
    public static void Grow(
        in Bytes32 session, int tree, int depth, ReadOnlySpan<byte> pads, Span<byte> levels, Span<byte> proof, Span<byte> leaves)
    {
        Span<byte> nodes = stackalloc byte[Size << depth], sums = stackalloc byte[2 * Size];
        RandomNumberGenerator.Fill(nodes[..Size]);
        for (int level = 0; level < depth; level++)
        {
            Expand(session, tree, nodes, 1 << level);
            SumByParity(nodes[..(Size << (level + 1))], sums);
            Span<byte> sent = levels.Slice(level * 2 * Size, 2 * Size);
            sums.CopyTo(sent);
            Xor(sent, pads.Slice(level * 2 * Size, 2 * Size));
        }
        Span<byte> checks = stackalloc byte[CheckSize << depth];
        Leaves(session, tree, nodes, checks, leaves);
        Span<byte> sum = proof[..CheckSize];
        sum.Clear();
        for (int i = 0; i < 1 << depth; i++)
        {
            Xor(sum, checks.Slice(i * CheckSize, CheckSize));
        }
        HashChecks(session, tree, checks, proof[CheckSize..]);
        CryptographicOperations.ZeroMemory(nodes);
        CryptographicOperations.ZeroMemory(sums);
        CryptographicOperations.ZeroMemory(checks);
    }

    /// <summary>
    /// Rebuilds a tree but for leaf <paramref name="point"/>, which becomes zero. <paramref name="pads"/> is one key a level, of branch ¬(bit k − 1 − i
    /// of the point). False when the tree is inconsistent. Neither time nor access depends on the point.
    /// </summary>
    public static bool Puncture(
        in Bytes32 session, int tree, int depth, int point, ReadOnlySpan<byte> pads, ReadOnlySpan<byte> levels, ReadOnlySpan<byte> proof, Span<byte> leaves)
    {
        Span<byte> nodes = stackalloc byte[Size << depth], sums = stackalloc byte[2 * Size], sibling = stackalloc byte[Size];
        nodes.Clear();
        for (int level = 0; level < depth; level++)
        {
            int path = point >> (depth - 1 - level), other = (path & 1) ^ 1;
            Expand(session, tree, nodes, 1 << level);
            // What grew from the node nobody knows is noise; so is, at the top, everything.
            ClearWhere(nodes[..(Size << (level + 1))], Size, path);
            ClearWhere(nodes[..(Size << (level + 1))], Size, path ^ 1);
            SumByParity(nodes[..(Size << (level + 1))], sums);
            ReadOnlySpan<byte> sent = levels.Slice(level * 2 * Size, 2 * Size);
            pads.Slice(level * Size, Size).CopyTo(sibling);
            byte mask = unchecked((byte)-other);
            for (int i = 0; i < Size; i++)
            {
                sibling[i] ^= (byte)(sent[i] ^ (mask & (sent[i] ^ sent[Size + i])));
                sibling[i] ^= (byte)(sums[i] ^ (mask & (sums[i] ^ sums[Size + i])));
            }
            XorWhere(nodes[..(Size << (level + 1))], Size, path ^ 1, sibling);
        }
        bool consistent = CheckLeaves(session, tree, depth, point, nodes, proof, leaves);
        CryptographicOperations.ZeroMemory(nodes);
        CryptographicOperations.ZeroMemory(sums);
        CryptographicOperations.ZeroMemory(sibling);
        return consistent;
    }

    static bool CheckLeaves(in Bytes32 session, int tree, int depth, int point, ReadOnlySpan<byte> nodes, ReadOnlySpan<byte> proof, Span<byte> leaves)
    {
        Span<byte> checks = stackalloc byte[CheckSize << depth], missing = stackalloc byte[CheckSize], hash = stackalloc byte[TransferGeometry.TreeHashSize];
        Leaves(session, tree, nodes, checks, leaves);
        ClearWhere(checks, CheckSize, point);
        ClearWhere(leaves, Size, point);
        proof[..CheckSize].CopyTo(missing);
        for (int i = 0; i < 1 << depth; i++)
        {
            Xor(missing, checks.Slice(i * CheckSize, CheckSize));
        }
        XorWhere(checks, CheckSize, point, missing);
        HashChecks(session, tree, checks, hash);
        bool consistent = CryptographicOperations.FixedTimeEquals(hash, proof[CheckSize..]);
        CryptographicOperations.ZeroMemory(checks);
        CryptographicOperations.ZeroMemory(missing);
        return consistent;
    }

    /// <summary>The first <paramref name="count"/> nodes become twice as many: from the last, so that none is overwritten before its turn.</summary>
    static void Expand(in Bytes32 session, int tree, Span<byte> nodes, int count)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size512];
        for (int i = count - 1; i >= 0; i--)
        {
            Hash("funion-ot-tree-v1"u8, session, tree, nodes.Slice(i * Size, Size), hash);
            hash[..(2 * Size)].CopyTo(nodes[(2 * i * Size)..]);
        }
        CryptographicOperations.ZeroMemory(hash);
    }

    static void Leaves(in Bytes32 session, int tree, ReadOnlySpan<byte> nodes, Span<byte> checks, Span<byte> leaves)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size512];
        for (int i = 0; i < nodes.Length / Size; i++)
        {
            Hash("funion-ot-leaf-v1"u8, session, tree, nodes.Slice(i * Size, Size), hash);
            hash[..CheckSize].CopyTo(checks[(i * CheckSize)..]);
            hash.Slice(CheckSize, Size).CopyTo(leaves[(i * Size)..]);
        }
        CryptographicOperations.ZeroMemory(hash);
    }

    static void HashChecks(in Bytes32 session, int tree, ReadOnlySpan<byte> checks, Span<byte> hash) =>
        Hash("funion-ot-check-v1"u8, session, tree, checks, hash);

    static void Hash(ReadOnlySpan<byte> label, in Bytes32 session, int tree, ReadOnlySpan<byte> data, Span<byte> hash)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(number, tree);
        Blake2bState state = new(hash.Length, []);
        state.Append(label);
        state.Append(session.AsSpan());
        state.Append(number);
        state.Append(data);
        state.Finish(hash);
    }

    static void SumByParity(ReadOnlySpan<byte> nodes, Span<byte> sums)
    {
        sums.Clear();
        for (int i = 0; i < nodes.Length; i += 2 * Size)
        {
            Xor(sums, nodes.Slice(i, 2 * Size));
        }
    }

    /// <summary>Clears the item at a secret index, by touching every item.</summary>
    static void ClearWhere(Span<byte> items, int size, int index)
    {
        for (int i = 0; i < items.Length; i++)
        {
            items[i] &= unchecked((byte)~Mask(i / size, index));
        }
    }

    static void XorWhere(Span<byte> items, int size, int index, ReadOnlySpan<byte> value)
    {
        for (int i = 0; i < items.Length; i++)
        {
            items[i] ^= (byte)(value[i % size] & Mask(i / size, index));
        }
    }

    /// <summary>0xff where two small indexes are equal, otherwise 0.</summary>
    static byte Mask(int left, int right) => unchecked((byte)(((left ^ right) - 1) >> 31));

    static void Xor(Span<byte> target, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] ^= source[i];
        }
    }
}
