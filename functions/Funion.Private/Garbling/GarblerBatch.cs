using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>
/// The garbler's side of one batch: made once, answers once, and keeps 16 bytes for each open and each late bit in between.
/// <code>
/// open wire, choices later   W₀ fresh from a secret seed; kept: W₀ ⊕ K₀.   reply = W₀ ⊕ K₀ ⊕ d·Δ, where d = b ⊕ x;  evaluator: reply ⊕ K_b = W_x
/// open wire, choices first   W₀ = K₀ ⊕ d·Δ ⊕ offset.                       evaluator: K_b ⊕ offset = W_x
/// late wire                  W₀ fresh; kept.                               label = W₀ ⊕ x·Δ
/// </code>
/// W₀ must be fresh in the first case: with W₀ = K₀ the reply would be d·Δ. In the second the offset comes from a seed drawn after the evaluator's K_b are
/// fixed: a receiver can choose its K_b, and equal labels in two instances would give it Δ.
/// <list type="bullet">
/// <item>References: Beaver (CRYPTO 1995) for choices later; Asharov, Lindell, Schneider and Zohner (CCS 2013) for labels as outputs of correlated transfer.</item>
/// </list>
/// </summary>
sealed class GarblerBatch : IDisposable
{
    const int BindingSize = GarblingGeometry.BindingSize;

    readonly GarblingGeometry _geometry;

    // Steps are taken once each, whatever threads ask; and nothing is wiped under a step: labels less what hides them would tell Δ.
    readonly Lock _gate = new();

    readonly Bytes32 _binding;

    readonly SecretBytes _delta = new(TransferGeometry.LabelSize);

    // Of each instance: W₀ ⊕ K₀ of its open wires (nothing if choices are first), W₀ of its late ones.
    readonly Label[] _kept;

    bool _answered;

    bool _sent;

    GarblerBatch(GarblingGeometry geometry, in Bytes32 binding, Label delta)
    {
        _geometry = geometry;
        _binding = binding;
        delta.CopyTo(_delta.Span);
        _kept = GC.AllocateUninitializedArray<Label>(geometry.Instances * KeptLabels(geometry), pinned: true);
        _answered = geometry.ChoicesFirst;
        _sent = geometry.Circuit.LateBits == 0;
    }

    /// <summary>Whether every step was taken.</summary>
    public bool IsSpent => _answered && _sent;

    /// <summary>Bytes of <see cref="Export"/>.</summary>
    public static int ExportSize(GarblingGeometry geometry) =>
        BindingSize + TransferGeometry.LabelSize + (geometry.Instances * KeptLabels(geometry) * TransferGeometry.LabelSize);

    /// <summary>Garbles a batch whose choices come later.</summary>
    /// <param name="geometry">Sizes.</param>
    /// <param name="session">The transfers' transcript.</param>
    /// <param name="number">Of the batch in its session. Never twice.</param>
    /// <param name="delta">The transfers' Δ.</param>
    /// <param name="bound">The bound words, one instance after the other.</param>
    /// <param name="zero">K₀ of the transfers that are spent on this batch.</param>
    /// <param name="message">Takes the batch for the evaluator.</param>
    /// <param name="shares">Takes the garbler's shares of each output bit, one instance after the other, if the geometry says that there are any.</param>
    public static GarblerBatch Garble(
        GarblingGeometry geometry, in Bytes32 session, ulong number, Label delta, ReadOnlySpan<ulong> bound, ReadOnlySpan<Label> zero, Span<byte> message,
        Span<ulong> shares = default)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (geometry.ChoicesFirst)
        {
            throw new ArgumentException("The evaluator's request comes first.", nameof(geometry));
        }
        return GarbleCore(geometry, session, number, delta, bound, zero, [], message, shares);
    }

    /// <summary>Garbles a batch whose choices came first: <paramref name="request"/>. Null when that is not sound.</summary>
    public static GarblerBatch? Garble(
        GarblingGeometry geometry, in Bytes32 session, ulong number, Label delta, ReadOnlySpan<ulong> bound, ReadOnlySpan<Label> zero,
        ReadOnlySpan<byte> request, Span<byte> message, Span<ulong> shares = default)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (!geometry.ChoicesFirst)
        {
            throw new ArgumentException("The evaluator's request comes later.", nameof(geometry));
        }
        return request.Length == geometry.RequestSize && BitPacking.IsPadded(request, geometry.Transfers)
            ? GarbleCore(geometry, session, number, delta, bound, zero, request, message, shares)
            : null;
    }

    /// <summary>Answers the evaluator's request with labels. Once, and not when choices were first.</summary>
    public GarblingOutcome Answer(ReadOnlySpan<byte> request, Span<byte> reply)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(reply.Length, _geometry.ReplySize);
        using Lock.Scope scope = _gate.EnterScope();
        if (_answered)
        {
            return GarblingOutcome.Spent;
        }
        _answered = true;
        GarblingOutcome outcome = request.Length != _geometry.RequestSize ? GarblingOutcome.WrongSize
            : !BitPacking.IsPadded(request, _geometry.Transfers) ? GarblingOutcome.BadPadding : GarblingOutcome.Taken;
        if (outcome != GarblingOutcome.Taken)
        {
            Dispose();
            return outcome;
        }
        Label delta = Vector128.Create<byte>(_delta.Span);
        Span<Label> labels = MemoryMarshal.Cast<byte, Label>(reply);
        int open = _geometry.Circuit.OpenBits, all = _geometry.Circuit.Labels;
        for (int i = 0; i < _geometry.Instances; i++)
        {
            ReadOnlySpan<Label> kept = _kept.AsSpan(i * all, open);
            for (int j = 0; j < open; j++)
            {
                int transfer = (i * open) + j;
                labels[transfer] = kept[j] ^ BitPacking.Masked(delta, request, transfer);
            }
        }
        WipeIfSpent();
        return GarblingOutcome.Taken;
    }

    /// <summary>Writes the labels of the late words, one instance after the other. Once.</summary>
    public void Send(ReadOnlySpan<ulong> late, Span<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(late.Length, _geometry.Instances * _geometry.Circuit.Late.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, _geometry.LateSize);
        using Lock.Scope scope = _gate.EnterScope();
        if (_sent)
        {
            throw new InvalidOperationException("Labels of both values of a wire would open everything.");
        }
        _sent = true;
        Label delta = Vector128.Create<byte>(_delta.Span);
        Span<Label> labels = MemoryMarshal.Cast<byte, Label>(message);
        int bits = _geometry.Circuit.LateBits, all = KeptLabels(_geometry);
        Span<byte> values = new byte[((labels.Length + 7) / 8)];
        CircuitShape.XorWords(_geometry.Circuit.Late, late, values);
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = _kept[(i / bits * all) + all - bits + (i % bits)] ^ BitPacking.Masked(delta, values, i);
        }
        CryptographicOperations.ZeroMemory(values);
        WipeIfSpent();
    }

    /// <summary>Moves what is left to do into bytes, which are secret: this object is spent by it.</summary>
    public void Export(Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, ExportSize(_geometry));
        using Lock.Scope scope = _gate.EnterScope();
        if (IsSpent || _answered != _geometry.ChoicesFirst || _sent != (_geometry.Circuit.LateBits == 0))
        {
            throw new InvalidOperationException("A batch that was used is not kept.");
        }
        _binding.AsSpan().CopyTo(bytes);
        _delta.Span.CopyTo(bytes[BindingSize..]);
        MemoryMarshal.AsBytes(_kept.AsSpan()).CopyTo(bytes[(BindingSize + TransferGeometry.LabelSize)..]);
        Dispose();
    }

    /// <summary>Reads what <see cref="Export"/> wrote; null when it is not of this session, number and circuit.</summary>
    public static GarblerBatch? TryRead(GarblingGeometry geometry, in Bytes32 session, ulong number, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        Bytes32 binding = BatchBinding.Of(geometry, session, number);
        if (bytes.Length != ExportSize(geometry) || !bytes[..BindingSize].SequenceEqual(binding.AsSpan()) || bytes[BindingSize + 15] < 0x80)
        {
            return null;
        }
        GarblerBatch batch = new(geometry, binding, Vector128.Create(bytes.Slice(BindingSize, TransferGeometry.LabelSize)));
        bytes[(BindingSize + TransferGeometry.LabelSize)..].CopyTo(MemoryMarshal.AsBytes(batch._kept.AsSpan()));
        return batch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using Lock.Scope scope = _gate.EnterScope();
        _answered = _sent = true;
        _delta.Dispose();
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_kept.AsSpan()));
    }

    static GarblerBatch GarbleCore(
        GarblingGeometry geometry, in Bytes32 session, ulong number, Label delta, ReadOnlySpan<ulong> bound, ReadOnlySpan<Label> zero,
        ReadOnlySpan<byte> request, Span<byte> message, Span<ulong> shares)
    {
        Circuit circuit = geometry.Circuit;
        ArgumentOutOfRangeException.ThrowIfNotEqual(bound.Length, geometry.Instances * circuit.Bound.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(zero.Length, geometry.Transfers);
        ArgumentOutOfRangeException.ThrowIfNotEqual(message.Length, geometry.BatchSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(shares.Length, geometry.ShareBits == 0 ? 0 : geometry.Instances * circuit.Outputs);
        Bytes32 binding = BatchBinding.Of(geometry, session, number);
        GarblerBatch batch = new(geometry, binding, delta);
        binding.AsSpan().CopyTo(message);
        Span<byte> seed = message.Slice(BindingSize, BatchKeys.SeedSize), tables = message.Slice(GarblingGeometry.HeaderSize, geometry.TablesSize);
        RandomNumberGenerator.Fill(seed);
        BatchKeys keys = new(session, number, seed);
        using Garbler garbler = new(circuit);
        FreshLabels fresh = new(circuit);
        WordHashes hashes = OutputShares.Hashes(session, number, seed, stackalloc Label[LabelHash.FourKeys]);
        Label[] outputs = GC.AllocateArray<Label>(geometry.ShareBits == 0 ? 0 : LabelHash.Lanes * circuit.Outputs, pinned: true);
        Span<ulong> words = stackalloc ulong[LabelHash.Lanes], corrections = new ulong[outputs.Length];
        for (int group = 0; group < geometry.Groups; group++)
        {
            int first = group * LabelHash.Lanes, instances = geometry.InstancesOf(group);
            Span<Label> labels = fresh.Next(instances);
            for (int i = 0; i < instances; i++)
            {
                batch.Keep(keys, delta, first + i, labels.Slice(i * circuit.Labels, circuit.Labels), zero, request);
            }
            garbler.Garble(
                keys, group, delta, bound.Slice(first * circuit.Bound.Count, instances * circuit.Bound.Count), labels,
                tables.Slice(geometry.TableSize(first), geometry.TableSize(instances)), words[..instances]);
            if (geometry.ShareBits == 0)
            {
                GroupWords.Write(geometry, group, words[..instances], message);
                continue;
            }
            Span<Label> zeroes = outputs.AsSpan(0, instances * circuit.Outputs);
            garbler.ZeroOutputs(delta, zeroes);
            OutputShares.Garble(ref hashes, geometry.ShareBits, delta, zeroes, corrections, shares.Slice(first * circuit.Outputs, zeroes.Length));
            GroupWords.Write(geometry, group, corrections[..zeroes.Length], message);
        }
        hashes.Wipe();
        fresh.Wipe();
        return batch;
    }

    /// <summary>Ties the labels of one instance to its transfers, and keeps what the answers need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Keep(BatchKeys keys, Label delta, int instance, Span<Label> labels, ReadOnlySpan<Label> zero, ReadOnlySpan<byte> request)
    {
        int open = _geometry.Circuit.OpenBits, first = instance * open;
        Span<Label> kept = _kept.AsSpan(instance * KeptLabels(_geometry), KeptLabels(_geometry));
        if (_geometry.ChoicesFirst)
        {
            for (int i = 0; i < open; i++)
            {
                labels[i] = zero[first + i] ^ BitPacking.Masked(delta, request, first + i);
            }
            keys.AddOffsets((ulong)first, labels[..open]);
            labels[open..].CopyTo(kept);
            return;
        }
        for (int i = 0; i < open; i++)
        {
            kept[i] = labels[i] ^ zero[first + i];
        }
        labels[open..].CopyTo(kept[open..]);
    }

    void WipeIfSpent()
    {
        if (IsSpent)
        {
            Dispose();
        }
    }

    static int KeptLabels(GarblingGeometry geometry) => geometry.Circuit.LateBits + (geometry.ChoicesFirst ? 0 : geometry.Circuit.OpenBits);
}
