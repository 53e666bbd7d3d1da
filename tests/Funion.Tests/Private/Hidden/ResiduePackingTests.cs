using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Funion.Private.Lattice;

namespace Funion.Tests.Private.Hidden;

/// <summary>What is done on whole vectors is what is done one by one.</summary>
public sealed class ResiduePackingTests
{
    static readonly ResidueRing s_ring = ResidueRing.Large;

    [Fact]
    public void Every_residue_is_six_bytes_in_its_place_and_the_first_that_is_none_is_noticed_wherever_it_is()
    {
        Random random = new(3);
        long prime = PrimeField.Second.Prime;
        long[] values = [0, 1, prime - 1, prime / 2, (prime / 2) + 1, .. Enumerable.Range(0, 27).Select(_ => random.NextInt64(prime))];
        byte[] bytes = new byte[values.Length * PrimeField.ElementSize], eight = new byte[8];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(eight, values[i]);
            eight.AsSpan(0, PrimeField.ElementSize).CopyTo(bytes.AsSpan(i * PrimeField.ElementSize));
        }
        double[] residues = new double[values.Length];
        Assert.True(ResiduePacking.TryRead(bytes, prime, residues));
        Assert.Equal(values.Select(value => (double)(value > prime / 2 ? value - prime : value)), residues);
        byte[] written = new byte[bytes.Length];
        ResiduePacking.Write(residues, prime, written);
        Assert.Equal(bytes, written);
        for (int i = 0; i < values.Length; i++)
        {
            byte[] wrong = [.. bytes];
            wrong.AsSpan(i * PrimeField.ElementSize, PrimeField.ElementSize).Fill(0xff);
            Assert.False(ResiduePacking.TryRead(wrong, prime, residues));
        }
    }

    [Fact]
    public void Folds_of_four_polynomials_are_exact_at_the_edges()
    {
        PrimeField field = PrimeField.First;
        double edge = field.Prime / 2;
        double[] values = [edge, -edge, 0, 1, edge, -edge, 5, -7];
        double[][] parts = [.. Enumerable.Range(0, 6).Select(shift => (double[])[.. values.Skip(shift), .. values.Take(shift)])];
        double[] folded = [.. parts[0]], sum = [.. parts[5]], scaled = [.. parts[4]];
        field.Fold(folded, parts[1], parts[2], parts[3], parts[4], parts[5]);
        field.FoldAdd(parts[0], parts[1], parts[2], parts[3], edge, -edge, -3, sum);
        field.MultiplyAdd(parts[0], parts[1], -edge, parts[2], scaled);
        for (int i = 0; i < values.Length; i++)
        {
            BigInteger[] at = [.. parts.Select(part => (BigInteger)part[i])];
            BigInteger Fold(BigInteger x, BigInteger y) => at[0] + (at[1] * x) + ((at[2] + (at[3] * x)) * y);
            Assert.Equal(field.Element(Fold(at[4], at[5])), folded[i]);
            Assert.Equal(field.Element(at[5] - (3 * Fold((BigInteger)edge, -(BigInteger)edge))), sum[i]);
            Assert.Equal(field.Element(at[4] + (at[0] * (at[1] - ((BigInteger)edge * at[2])))), scaled[i]);
        }
    }

    [Fact]
    public void Eight_rows_are_transposed_alike_in_registers_and_where_they_lie()
    {
        PrimeField field = PrimeField.First;
        double[] block = [.. Enumerable.Range(0, 64).Select(i => (double)i)], loaded = [.. block];
        EightRows rows = EightRows.LoadTransposed(ref MemoryMarshal.GetArrayDataReference(loaded), field.P, field.Reciprocal);
        EightRows.Transpose(block);
        double[] taken = new double[64];
        rows.A.CopyTo(taken, 0);
        rows.B.CopyTo(taken, 8);
        rows.C.CopyTo(taken, 16);
        rows.D.CopyTo(taken, 24);
        rows.E.CopyTo(taken, 32);
        rows.F.CopyTo(taken, 40);
        rows.G.CopyTo(taken, 48);
        rows.H.CopyTo(taken, 56);
        Assert.Equal(block, taken);
        Assert.Equal(Enumerable.Range(0, 64).Select(i => (double)((i % 8 * 8) + (i / 8))), taken);
    }

    [Fact]
    public void A_seed_stands_for_the_words_of_its_stream_that_are_below_their_prime()
    {
        byte[] seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        double[] polynomial = new double[s_ring.Length];
        s_ring.Expand(seed, MaskKind.EnclaveRequest, 5, polynomial);
        ulong[] words = new ulong[s_ring.Length];
        LatticeSampling.Expand(seed, MaskKind.EnclaveRequest, 5, words, (1UL << 48) - 1);
        for (int i = 0; i < words.Length; i++)
        {
            long prime = (i < s_ring.Degree ? PrimeField.First : PrimeField.Second).Prime;
            Assert.Equal((double)((long)words[i] > prime / 2 ? (long)words[i] - prime : (long)words[i]), polynomial[i]);
        }
    }
}
