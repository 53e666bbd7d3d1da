using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>
/// The evaluator's side of one batch: transfers first, then the garbled batch and the request in the order that the geometry says, then one evaluation.
/// What the garbler sends can be the wrong size or for another batch; anything else evaluates, to noise if it is wrong, so that a garbler that cheats sees no
/// difference.
/// </summary>
sealed class EvaluatorBatch : IDisposable
{
    const int LabelSize = TransferGeometry.LabelSize;

    readonly GarblingGeometry _geometry;

    readonly Bytes32 _session;

    readonly ulong _number;

    // K_b of the transfers, and b.
    // Steps are taken once each, whatever threads ask; and nothing is wiped under a step: a request without its choices is the input.
    readonly Lock _gate = new();

    readonly Label[] _chosen;

    readonly byte[] _choices;

    byte[]? _message;

    bool _rented;

    bool _asked;

    bool _spent;

    /// <summary>Takes the transfers that this batch uses up.</summary>
    /// <param name="geometry">Sizes.</param>
    /// <param name="session">The transfers' transcript.</param>
    /// <param name="number">Of the batch in its session.</param>
    /// <param name="choices">b, <see cref="GarblingGeometry.RequestSize"/> bytes.</param>
    /// <param name="chosen">K_b.</param>
    public EvaluatorBatch(GarblingGeometry geometry, in Bytes32 session, ulong number, ReadOnlySpan<byte> choices, ReadOnlySpan<Label> chosen)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNotEqual(choices.Length, geometry.RequestSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(chosen.Length, geometry.Transfers);
        _geometry = geometry;
        _session = session;
        _number = number;
        _choices = GC.AllocateArray<byte>(choices.Length, pinned: true);
        _chosen = GC.AllocateUninitializedArray<Label>(chosen.Length, pinned: true);
        choices.CopyTo(_choices);
        chosen.CopyTo(_chosen);
    }

    /// <summary>Whether the garbled batch is here.</summary>
    public bool IsGarbled => _message is not null;

    /// <summary>Whether it was evaluated, or refused something.</summary>
    public bool IsSpent => _spent;

    /// <summary>Bytes of <see cref="Export"/>.</summary>
    public static int ExportSize(GarblingGeometry geometry) => geometry.BatchSize + geometry.RequestSize + (geometry.Transfers * LabelSize);

    /// <summary>Takes the garbled batch and keeps the array as it is: the caller gives it away, to <see cref="BatchBuffers"/> in the end if it is from there. Once.</summary>
    public GarblingOutcome Take(byte[] message, bool rented = false)
    {
        ArgumentNullException.ThrowIfNull(message);
        using Lock.Scope scope = _gate.EnterScope();
        if (_spent || IsGarbled || (_geometry.ChoicesFirst && !_asked))
        {
            return GarblingOutcome.Spent;
        }
        GarblingOutcome outcome = message.Length != _geometry.BatchSize ? GarblingOutcome.WrongSize
            : !message.AsSpan(0, GarblingGeometry.BindingSize).SequenceEqual(BatchBinding.Of(_geometry, _session, _number).AsSpan()) ? GarblingOutcome.WrongBatch
            : GarblingOutcome.Taken;
        if (outcome != GarblingOutcome.Taken)
        {
            Dispose();
            return outcome;
        }
        (_message, _rented) = (message, rented);
        return outcome;
    }

    /// <summary>Asks for the labels of these open words, one instance after the other. Once: two requests would tell the difference of two inputs.</summary>
    public void Request(ReadOnlySpan<ulong> words, Span<byte> request)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(words.Length, _geometry.Instances * _geometry.Circuit.Open.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(request.Length, _geometry.RequestSize);
        using Lock.Scope scope = _gate.EnterScope();
        if (_spent || _asked || (!_geometry.ChoicesFirst && !IsGarbled))
        {
            throw new InvalidOperationException("A batch asks once, and at its time.");
        }
        _asked = true;
        _choices.CopyTo(request);
        CircuitShape.XorWords(_geometry.Circuit.Open, words, request);
        CryptographicOperations.ZeroMemory(_choices);
    }

    /// <summary>
    /// Evaluates: <paramref name="reply"/> to the request (empty if choices were first), labels of late words (empty if there are none), a result an instance, or
    /// a share of each bit of it. Once.
    /// </summary>
    public GarblingOutcome Evaluate(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> late, Span<ulong> results)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(results.Length, _geometry.Instances * _geometry.Results);
        using Lock.Scope scope = _gate.EnterScope();
        if (_spent || _message is null || !_asked)
        {
            return GarblingOutcome.Spent;
        }
        bool sized = reply.Length == _geometry.ReplySize && late.Length == _geometry.LateSize;
        if (sized)
        {
            EvaluateCore(_message, MemoryMarshal.Cast<byte, Label>(reply), MemoryMarshal.Cast<byte, Label>(late), results);
        }
        Dispose();
        return sized ? GarblingOutcome.Taken : GarblingOutcome.WrongSize;
    }

    /// <summary>Moves the batch, garbled and not yet asked for, into bytes, which are secret: this object is spent by it.</summary>
    public void Export(Span<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, ExportSize(_geometry));
        using Lock.Scope scope = _gate.EnterScope();
        if (_spent || _message is null || _asked != _geometry.ChoicesFirst)
        {
            throw new InvalidOperationException("Only a batch that is garbled and unused is kept.");
        }
        _message.CopyTo(bytes);
        _choices.CopyTo(bytes[_message.Length..]);
        MemoryMarshal.AsBytes(_chosen.AsSpan()).CopyTo(bytes[(_message.Length + _choices.Length)..]);
        Dispose();
    }

    /// <summary>Reads what <see cref="Export"/> wrote; null when it is not of this session, number and circuit.</summary>
    public static EvaluatorBatch? TryRead(GarblingGeometry geometry, in Bytes32 session, ulong number, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        if (bytes.Length != ExportSize(geometry)
            || !bytes[..GarblingGeometry.BindingSize].SequenceEqual(BatchBinding.Of(geometry, session, number).AsSpan())
            || !BitPacking.IsPadded(bytes.Slice(geometry.BatchSize, geometry.RequestSize), geometry.Transfers))
        {
            return null;
        }
        ReadOnlySpan<byte> chosen = bytes[(geometry.BatchSize + geometry.RequestSize)..];
        return new EvaluatorBatch(
            geometry, session, number, bytes.Slice(geometry.BatchSize, geometry.RequestSize), MemoryMarshal.Cast<byte, Label>(chosen))
        {
            _message = bytes[..geometry.BatchSize].ToArray(),
            _asked = geometry.ChoicesFirst,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using Lock.Scope scope = _gate.EnterScope();
        _spent = true;
        if (_message is { } message && _rented)
        {
            BatchBuffers.Return(message);
        }
        _message = null;
        CryptographicOperations.ZeroMemory(_choices);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_chosen.AsSpan()));
    }

    void EvaluateCore(ReadOnlySpan<byte> message, ReadOnlySpan<Label> reply, ReadOnlySpan<Label> late, Span<ulong> results)
    {
        Circuit circuit = _geometry.Circuit;
        BatchKeys keys = new(_session, _number, message.Slice(GarblingGeometry.BindingSize, BatchKeys.SeedSize));
        ReadOnlySpan<byte> tables = message.Slice(GarblingGeometry.HeaderSize, _geometry.TablesSize);
        using Evaluator evaluator = new(circuit);
        Label[] labels = GC.AllocateArray<Label>(LabelHash.Lanes * circuit.Labels, pinned: true);
        if (_geometry.ChoicesFirst)
        {
            keys.AddOffsets(0, _chosen);
        }
        WordHashes hashes = OutputShares.Hashes(
            _session, _number, message.Slice(GarblingGeometry.BindingSize, BatchKeys.SeedSize), stackalloc Label[LabelHash.FourKeys]);
        Label[] outputs = GC.AllocateArray<Label>(_geometry.ShareBits == 0 ? 0 : LabelHash.Lanes * circuit.Outputs, pinned: true);
        Span<ulong> unused = stackalloc ulong[LabelHash.Lanes];
        for (int group = 0; group < _geometry.Groups; group++)
        {
            int first = group * LabelHash.Lanes, instances = _geometry.InstancesOf(group);
            for (int i = 0; i < instances; i++)
            {
                Collect(first + i, reply, late, labels.AsSpan(i * circuit.Labels, circuit.Labels));
            }
            Span<ulong> words = results.Slice(first * _geometry.Results, instances * _geometry.Results);
            GroupWords.Read(_geometry, group, message, words);
            evaluator.Evaluate(
                keys, group, labels.AsSpan(0, instances * circuit.Labels), tables.Slice(_geometry.TableSize(first), _geometry.TableSize(instances)),
                _geometry.ShareBits == 0 ? words : unused[..instances]);
            if (_geometry.ShareBits > 0)
            {
                Span<Label> active = outputs.AsSpan(0, words.Length);
                evaluator.Outputs(active);
                OutputShares.Evaluate(ref hashes, _geometry.ShareBits, active, words);
            }
        }
        hashes.Wipe();
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(labels.AsSpan()));
    }

    /// <summary>The active labels of one instance.</summary>
    void Collect(int instance, ReadOnlySpan<Label> reply, ReadOnlySpan<Label> late, Span<Label> labels)
    {
        int open = _geometry.Circuit.OpenBits;
        _chosen.AsSpan(instance * open, open).CopyTo(labels);
        for (int i = 0; i < open && reply.Length > 0; i++)
        {
            labels[i] ^= reply[(instance * open) + i];
        }
        late.Slice(instance * _geometry.Circuit.LateBits, _geometry.Circuit.LateBits).CopyTo(labels[open..]);
    }
}
