using System.Runtime.InteropServices;
using Funion.Private.Ring;

namespace Funion.Tests.Private.Enclaves;

/// <summary>Finds values in bytes, in every encoding that they have anywhere: runs of eight bytes that no chance brings.</summary>
sealed class ClearText
{
    const int Length = 8;

    readonly HashSet<ulong> _runs = [];

    public int Samples => _runs.Count;

    public void Add(RingTensor value)
    {
        Add(value.ToBytes());
        Add(MemoryMarshal.AsBytes<ulong>(value.Elements.ToArray()));
        Add(MemoryMarshal.AsBytes<int>((int[])[.. value.ToSigned().Select(element => (int)element)]));
        Add(MemoryMarshal.AsBytes<double>((double[])[.. value.ToSigned().Select(element => (double)element)]));
    }

    public void Add(int[] weights)
    {
        Add(MemoryMarshal.AsBytes<int>(weights));
        Add((byte[])[.. weights.Select(weight => unchecked((byte)weight))]);
        Add(MemoryMarshal.AsBytes<long>((long[])[.. weights.Select(weight => (long)weight)]));
        Add(MemoryMarshal.AsBytes<double>((double[])[.. weights.Select(weight => (double)weight)]));
    }

    public void Add(long[] biases) => Add(MemoryMarshal.AsBytes<long>(biases));

    public bool IsIn(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i <= bytes.Length - Length; i++)
        {
            if (_runs.Contains(BitConverter.ToUInt64(bytes[i..])))
            {
                return true;
            }
        }
        return false;
    }

    void Add(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i <= bytes.Length - Length; i += Length)
        {
            ulong run = BitConverter.ToUInt64(bytes[i..]);
            // Few bits set, or few distinct bytes: zeros and small numbers are everywhere.
            if (bytes.Slice(i, Length).ToArray().Distinct().Count() >= 4)
            {
                _runs.Add(run);
            }
        }
    }
}
