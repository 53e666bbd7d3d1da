using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Funion.Private.Lattice;

namespace Funion.Private.Hidden;

/// <summary>
/// A layer as the cloud has it: encrypted weights, which it multiplies with encrypted inputs. It holds no key. Elements of the transform do not mix, so that work is cut
/// into runs of elements, and of each run a block of weights is read once for all tiles of all inputs.
/// </summary>
public sealed class HiddenLayer
{
    /// <summary>Elements of a run: those of all tiles, with their sums, stay in the second cache.</summary>
    const int Run = 512;

    readonly double[][] _runs;
    int _given;

    /// <summary>A layer that waits for its weights.</summary>
    public HiddenLayer(HiddenLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        Layout = layout;
        _runs = [.. Enumerable.Range(0, layout.Parameters.Ring.Length / Run).Select(_ => new double[2 * Run * layout.WeightCiphertexts])];
    }

    /// <summary>The layer.</summary>
    public HiddenLayout Layout { get; }

    /// <summary>Whether all weights are there.</summary>
    public bool IsComplete => _given == Layout.WeightCiphertexts;

    /// <summary>Takes the next ciphertext of weights, in the order in which <see cref="HiddenPublicKey.Encrypt(HiddenLayout, ReadOnlySpan{int}, Action{byte[]})"/> makes them.</summary>
    public LatticeOutcome Add(ReadOnlySpan<byte> ciphertext)
    {
        if (ciphertext.Length != Layout.WeightSize || IsComplete)
        {
            return LatticeOutcome.WrongLength;
        }
        ResidueRing ring = Layout.Parameters.Ring;
        using LatticeScratch scratch = new(ring.Length);
        Span<double> half = MemoryMarshal.Cast<ulong, double>(scratch.Words);
        for (int i = 0; i < 2; i++)
        {
            if (!ring.TryRead(ciphertext.Slice(i * ring.ByteSize, ring.ByteSize), half))
            {
                return LatticeOutcome.NotCanonical;
            }
            for (int run = 0; run < _runs.Length; run++)
            {
                half.Slice(run * Run, Run).CopyTo(_runs[run].AsSpan(((2 * _given) + i) * Run, Run));
            }
        }
        _given++;
        return LatticeOutcome.Ok;
    }

    /// <summary>Answers encrypted inputs, several at once: weights are read from memory once for all of them.</summary>
    /// <param name="requests">Of <see cref="HiddenLayout.RequestSize"/> bytes each.</param>
    /// <param name="answers">As many, of <see cref="HiddenLayout.AnswerSize"/> bytes; of no use unless the outcome is Ok.</param>
    /// <param name="threads">Most threads; −1 for as many as there are processors.</param>
    public LatticeOutcome TryEvaluate(IReadOnlyList<byte[]> requests, IReadOnlyList<byte[]> answers, int threads = -1)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentOutOfRangeException.ThrowIfNotEqual(answers.Count, requests.Count);
        if (!IsComplete)
        {
            throw new InvalidOperationException("Weights are missing.");
        }
        if (requests.Any(request => request.Length != Layout.RequestSize))
        {
            return LatticeOutcome.WrongLength;
        }
        foreach (byte[] answer in answers)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(answer.Length, Layout.AnswerSize);
        }
        ResidueRing ring = Layout.Parameters.Ring;
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads };
        double[][] inputs = new double[requests.Count * Layout.Ciphertexts][];
        double[][] sums = [.. Enumerable.Range(0, requests.Count * Layout.Answers).Select(_ => new double[HiddenLayout.Components * ring.Length])];
        int sound = 1;
        Parallel.For(0, inputs.Length, options, i =>
        {
            (double[]? input, bool read) = Read(requests[i / Layout.Ciphertexts], i % Layout.Ciphertexts);
            inputs[i] = input;
            Interlocked.And(ref sound, read ? 1 : 0);
        });
        if (sound == 0)
        {
            return LatticeOutcome.NotCanonical;
        }
        Parallel.For(0, _runs.Length, options, run => Multiply(run, inputs, sums));
        Parallel.For(0, sums.Length, options, i =>
        {
            Span<byte> part = answers[i / Layout.Answers].AsSpan(i % Layout.Answers * Layout.AnswerPartSize, Layout.AnswerPartSize);
            for (int component = 0; component < HiddenLayout.Components; component++)
            {
                ring.Write(sums[i].AsSpan(component * ring.Length, ring.Length), part.Slice(component * ring.ByteSize, ring.ByteSize));
            }
        });
        return LatticeOutcome.Ok;
    }

    /// <summary>b and a of one ciphertext of a request.</summary>
    (double[] Input, bool Read) Read(byte[] request, int number)
    {
        ResidueRing ring = Layout.Parameters.Ring;
        double[] input = new double[2 * ring.Length];
        ring.Expand(request.AsSpan(0, HiddenParameters.SeedSize), MaskKind.EnclaveRequest, (uint)number, input.AsSpan(ring.Length));
        return (input, ring.TryRead(request.AsSpan(HiddenParameters.SeedSize + (number * ring.ByteSize), ring.ByteSize), input.AsSpan(0, ring.Length)));
    }

    /// <summary>One run of elements of everything. Tile numbers count through all requests.</summary>
    void Multiply(int run, double[][] inputs, double[][] sums)
    {
        ResidueRing ring = Layout.Parameters.Ring;
        PrimeField field = run * Run < ring.Degree ? PrimeField.First : PrimeField.Second;
        int at = run * Run, tiles = inputs.Length / Layout.ChannelBlocks, filters = Layout.FilterBlocks;
        for (int filter = 0; filter < filters; filter++)
        {
            for (int channel = 0; channel < Layout.ChannelBlocks; channel++)
            {
                ReadOnlySpan<double> weights = _runs[run].AsSpan(2 * Run * ((channel * filters) + filter), 2 * Run);
                bool reduce = channel % PrimeField.Summands == PrimeField.Summands - 1;
                for (int tile = 0; tile < tiles; tile++)
                {
                    ReadOnlySpan<double> input = inputs[(tile * Layout.ChannelBlocks) + channel];
                    AddProduct(field, weights, input.Slice(at, Run), input.Slice(ring.Length + at, Run), sums[(tile * filters) + filter], at, ring.Length, reduce);
                }
            }
            for (int part = 0; part < tiles * HiddenLayout.Components; part++)
            {
                field.Reduce(sums[(part / HiddenLayout.Components * filters) + filter].AsSpan((part % HiddenLayout.Components * ring.Length) + at, Run));
            }
        }
    }

    /// <summary>(w₀, w₁) times (x₀, x₁): w₀x₀, w₁x₀, w₀x₁, w₁x₁, read with 1, s, z and sz. The two in the middle have readers of their own, so all four are needed.</summary>
    static void AddProduct(
        PrimeField field, ReadOnlySpan<double> weights, ReadOnlySpan<double> b, ReadOnlySpan<double> a, Span<double> sum, int at, int length, bool reduce)
    {
        ref double weight = ref MemoryMarshal.GetReference(weights), left = ref MemoryMarshal.GetReference(b), right = ref MemoryMarshal.GetReference(a);
        ref double first = ref sum.Slice(at, Run)[0], second = ref sum.Slice(length + at, Run)[0];
        ref double third = ref sum.Slice((2 * length) + at, Run)[0], fourth = ref sum.Slice((3 * length) + at, Run)[0];
        (Vector512<double> p, Vector512<double> reciprocal) = (field.P, field.Reciprocal);
        for (nuint i = 0; i < Run; i += 8)
        {
            Vector512<double> wb = Vector512.LoadUnsafe(ref weight, i), wa = Vector512.LoadUnsafe(ref weight, i + Run);
            Vector512<double> xb = Vector512.LoadUnsafe(ref left, i), xa = Vector512.LoadUnsafe(ref right, i);
            Vector512<double> one = Vector512.LoadUnsafe(ref first, i) + PrimeField.Multiply(wb, xb, p, reciprocal);
            Vector512<double> two = Vector512.LoadUnsafe(ref second, i) + PrimeField.Multiply(wa, xb, p, reciprocal);
            Vector512<double> three = Vector512.LoadUnsafe(ref third, i) + PrimeField.Multiply(wb, xa, p, reciprocal);
            Vector512<double> four = Vector512.LoadUnsafe(ref fourth, i) + PrimeField.Multiply(wa, xa, p, reciprocal);
            (reduce ? PrimeField.Reduce(one, p, reciprocal) : one).StoreUnsafe(ref first, i);
            (reduce ? PrimeField.Reduce(two, p, reciprocal) : two).StoreUnsafe(ref second, i);
            (reduce ? PrimeField.Reduce(three, p, reciprocal) : three).StoreUnsafe(ref third, i);
            (reduce ? PrimeField.Reduce(four, p, reciprocal) : four).StoreUnsafe(ref fourth, i);
        }
    }
}
