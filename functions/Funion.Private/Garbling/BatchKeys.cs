using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>
/// What both parties derive from a batch's seed, which the garbler draws after everything that the evaluator could have chosen is fixed. Nothing here is secret.
/// <code>
/// start ‖ bound ‖ offset = BLAKE2b-512("funion-gc-batch-v1" ‖ session ‖ number ‖ seed)[0:48]
/// bound labels           = AES_bound(…)    the active labels of the bound words: the garbler takes W₀ = label ⊕ bit·Δ, and sends nothing
/// offsets                = AES_offset(…)   added to labels of transfers whose receiver could choose them
/// </code>
/// An active label is uniform and says nothing of its bit in any garbling; that it can be uniform because it is derived from a seed saves 16 bytes a bit.
/// </summary>
sealed class BatchKeys
{
    /// <summary>Length of a seed in bytes.</summary>
    public const int SeedSize = 32;

    readonly Label[] _bound = new Label[Aes128.RoundKeys];

    readonly Label[] _offset = new Label[Aes128.RoundKeys];

    /// <summary>Derives.</summary>
    public BatchKeys(in Bytes32 session, ulong number, ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, SeedSize);
        Span<byte> hash = stackalloc byte[Blake2b.Size512], place = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(place, number);
        Blake2bState state = new(hash.Length, []);
        state.Append("funion-gc-batch-v1"u8);
        state.Append(session.AsSpan());
        state.Append(place);
        state.Append(seed);
        state.Finish(hash);
        Start = Vector128.Create(hash[..16]);
        Aes128.Expand(Vector128.Create(hash.Slice(16, 16)), _bound);
        Aes128.Expand(Vector128.Create(hash.Slice(32, 16)), _offset);
    }

    /// <summary>Where the keys of the gates begin.</summary>
    public Label Start { get; }

    /// <summary>Active labels of the bound words of a group of instances.</summary>
    public void BoundLabels(int group, Span<Label> labels) => Aes128.Counter(_bound, (ulong)group, 0, labels);

    /// <summary>Adds the offsets to the labels of transfers <paramref name="first"/> and on. Twice is not at all.</summary>
    public void AddOffsets(ulong first, Span<Label> labels)
    {
        Span<Label> offsets = stackalloc Label[64];
        for (; labels.Length > 0; labels = labels[Math.Min(64, labels.Length)..])
        {
            int count = Math.Min(64, labels.Length);
            Aes128.Counter(_offset, 0, first, offsets[..count]);
            for (int i = 0; i < count; i++)
            {
                labels[i] ^= offsets[i];
            }
            first = unchecked(first + (uint)count);
        }
    }
}
