using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Transfer;

/// <summary>
/// Base transfers for many sessions of one line, of which only the first 128 are made with public keys: each session's are an extension of those.
/// <code>
/// line       <see cref="BaseTransfer"/>, trees of seeds: the server is the extension's sender and has Γ, the client its receiver         once
/// session n  an extension of 128 transfers: K_i of the client = K₀,i ⊕ b_i·Γ;  d_i = b_i ⊕ c_i            → extension ‖ d 16
/// key_i,x  = BLAKE2b-256("funion-ot-line-key-v1" ‖ session ‖ i ‖ K₀,i ⊕ (x ⊕ d_i)·Γ)[0:16]               server: x = 0, 1; client: x = c_i, from K_i
/// </code>
/// <para>
/// Who has which offset. A session's Δ is the free-XOR offset of its garbled circuits and lies on disk with its material. To extend all sessions from the
/// client's own base would give them one Δ, which that base chose with: then one material that is stolen, or restored from a copy and used twice, opens every
/// question of the line, the past ones too. To draw another Δ for each and correct every transfer to it costs 16 bytes a transfer, as much as the labels. So
/// what goes on is one level lower and in the other direction: Γ is the server's, is in no circuit and on no disk, and the client chooses Δ afresh in each
/// session by c. Everything above these keys is what it is with a base of the session's own.
/// </para>
/// <para>
/// Streams of seeds go on from session to session (<see cref="CorrelatedSender"/> counts blocks and extensions), and a base is in memory only, taken
/// from its line by a session and given back when that came to its end: no position is used twice, whatever dies. Each extension is checked. A client may guess s bits
/// of Γ, here or in the trees, and with probability 2⁻ˢ is not caught; if it is, the base is gone, and the next one has another Γ. So over any number of sessions it has s
/// bits at most with 2⁻ˢ, as within one, and what it then lacks of Γ is 127 − s bits, without
/// which it has one key of two, and the server's choices and shares stay hidden.
/// </para>
/// <list type="bullet">
/// <item>References: Beaver (STOC 1996), transfers extended from few; Ishai, Kilian, Nissim and Petrank (CRYPTO 2003); Roy, "SoftSpokenOT" (ePrint 2022/192).</item>
/// <item>Assumption: those of <see cref="CorrelatedSender"/> and <see cref="BaseTransferReceiver"/>, BLAKE2b a random oracle.</item>
/// </list>
/// </summary>
abstract class LineBase : IDisposable
{
    private protected const int Count = TransferGeometry.Columns;

    const int KeySize = TransferGeometry.LabelSize;

    /// <summary>Of what lines are extended by, whatever their sessions are.</summary>
    private protected static TransferGeometry Geometry => TransferGeometry.SoftSpoken;

    /// <summary>Bytes of the server's first message of a line, once.</summary>
    public const int BeginSize = TransferGeometry.ChooseSize;

    /// <summary>Bytes of the client's answer to it.</summary>
    public static int SeedsSize => Geometry.OpenSize;

    /// <summary>Bytes of the client's message for each session.</summary>
    public static int ChooseSize => ExtensionSize + (Count / 8);

    private protected static int ExtensionSize => Geometry.ExtensionSize(Count);

    /// <summary>The number of the next session, the first is 1. Part of its name, and the other side must say the same.</summary>
    public uint Next { get; private protected set; } = 1;

    /// <summary>What both sides said when it began: part of the name of each of its sessions.</summary>
    public abstract Bytes32 Transcript { get; }

    /// <inheritdoc/>
    public abstract void Dispose();

    private protected static void Key(in Bytes32 session, int index, Label label, Span<byte> key)
    {
        Span<byte> hash = stackalloc byte[Blake2b.Size256], place = stackalloc byte[sizeof(int)], bytes = stackalloc byte[KeySize];
        BinaryPrimitives.WriteInt32LittleEndian(place, index);
        label.CopyTo(bytes);
        Blake2bState state = new(hash.Length, []);
        state.Append("funion-ot-line-key-v1"u8);
        state.Append(session.AsSpan());
        state.Append(place);
        state.Append(bytes);
        state.Finish(hash);
        hash[..KeySize].CopyTo(key);
        CryptographicOperations.ZeroMemory(hash);
        CryptographicOperations.ZeroMemory(bytes);
    }

    private protected static void Wipe(Span<Label> labels) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(labels));
}
