namespace Funion.Private.Transfer;

/// <summary>
/// Every size of oblivious transfer, from the depth k of its trees of seeds.
/// <code>
/// choose    = 128 · (point 32 ‖ point 32), or a line's (LineBase)               COT sender → receiver, once a session
/// open      = 128 · point 32, or nothing, ‖ trees                                receiver → sender, once a session
/// trees     = 128 · (left 16 ‖ right 16) ‖ 128/k · (sum 32 ‖ hash 32)
/// extension = (128/k − 1) · (rows/8) ‖ choices' hash 16 ‖ 128 · column's hash 16    receiver → sender, each extension
/// rows      = transfers, rounded up to 128, and 128 more that mask the hashes
/// </code>
/// k = 1 is IKNP (127 bits a transfer), k = 4 SoftSpoken with 31 bits, k = 8 with 15 and 2⁸/8 AES blocks for each bit of theirs.
/// </summary>
sealed class TransferGeometry
{
    /// <summary>Bits of Δ, columns of the matrix, base transfers.</summary>
    public const int Columns = 128;

    /// <summary>Bytes of a label, a seed or a column's hash.</summary>
    public const int LabelSize = 16;

    /// <summary>Most transfers of one extension: 2²⁰, 16 MiB of columns. 65,536 stay in a second-level cache.</summary>
    public const int MaxTransfers = 1 << 20;

    internal const int PointSize = 32;

    internal const int TreeSumSize = 32;

    internal const int TreeHashSize = 32;

    /// <summary>Makes a geometry; <paramref name="depth"/> is 1, 2, 4 or 8.</summary>
    public TransferGeometry(int depth)
    {
        if (depth is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(depth), depth, "Trees of seeds are 1, 2, 4 or 8 deep.");
        }
        Depth = depth;
    }

    /// <summary>IKNP: least computation.</summary>
    public static TransferGeometry Iknp { get; } = new(1);

    /// <summary>SoftSpoken with k = 4: a quarter of IKNP's bytes.</summary>
    public static TransferGeometry SoftSpoken { get; } = new(4);

    /// <summary>k.</summary>
    public int Depth { get; }

    /// <summary>2ᵏ.</summary>
    public int Leaves => 1 << Depth;

    /// <summary>Trees of seeds, each for k bits of Δ.</summary>
    public int Trees => Columns / Depth;

    /// <summary>Bytes of the first message, from the sender.</summary>
    public const int ChooseSize = Columns * 2 * PointSize;

    /// <summary>Bytes of the second message, from the receiver.</summary>
    public int OpenSize => (Columns * PointSize) + TreesSize;

    /// <summary>The same where the base transfers are a line's.</summary>
    public int TreesSize => (Columns * 2 * LabelSize) + (Trees * (TreeSumSize + TreeHashSize));

    /// <summary>Blocks of 128 rows that an extension computes.</summary>
    public static int Blocks(int transfers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(transfers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(transfers, MaxTransfers);
        return ((transfers + Columns - 1) / Columns) + 1;
    }

    /// <summary>Bytes of choice bits of an extension: bit i of byte j is transfer 8j + i; what is left of the last byte is zero.</summary>
    public static int ChoicesSize(int transfers) => (transfers + 7) / 8;

    /// <summary>Bytes of an extension's message.</summary>
    public int ExtensionSize(int transfers) => CorrectionsSize(transfers) + LabelSize + (Columns * LabelSize);

    internal int CorrectionsSize(int transfers) => (Trees - 1) * Blocks(transfers) * LabelSize;
}
