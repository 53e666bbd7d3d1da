using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Private.Garbling;

/// <summary>Labels that only the garbler knows: AES-128 in counter mode under a key drawn for one batch, a group of instances at a time.</summary>
sealed class FreshLabels
{
    readonly Label[] _keys = GC.AllocateArray<Label>(Aes128.RoundKeys, pinned: true);

    readonly Label[] _labels;

    readonly int _each;

    ulong _next;

    public FreshLabels(Circuit circuit)
    {
        _each = circuit.Labels;
        _labels = GC.AllocateArray<Label>(LabelHash.Lanes * _each, pinned: true);
        Span<byte> key = stackalloc byte[Aes128.BlockSize];
        RandomNumberGenerator.Fill(key);
        Aes128.Expand(Vector128.Create<byte>(key), _keys);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Labels of the next instances, in memory that is the caller's until the next call.</summary>
    public Span<Label> Next(int instances)
    {
        Span<Label> labels = _labels.AsSpan(0, instances * _each);
        Aes128.Counter(_keys, 0, _next, labels);
        _next = unchecked(_next + (uint)labels.Length);
        return labels;
    }

    public void Wipe()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_keys.AsSpan()));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_labels.AsSpan()));
    }
}
