using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>The client's side of one linear layer, offline: it sends Enc(r) and decrypts W·r − P.</summary>
public sealed class LinearClient
{
    /// <summary>Answers decrypted together.</summary>
    const int Batch = 4;

    readonly LatticeSecretKey _key;

    /// <summary>One layer under a key.</summary>
    public LinearClient(LatticeSecretKey key, LinearLayout layout)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(layout);
        if (!ReferenceEquals(key.Parameters, layout.Parameters))
        {
            throw new ArgumentException("Key and layout are of different parameters.", nameof(layout));
        }
        _key = key;
        Layout = layout;
    }

    /// <summary>How the layer lies in polynomials.</summary>
    public LinearLayout Layout { get; }

    /// <summary>Writes Enc(r): <see cref="LinearLayout.RequestSize"/> bytes.</summary>
    public void Encrypt(RingTensor r, Span<byte> request)
    {
        ArgumentNullException.ThrowIfNull(r);
        ArgumentOutOfRangeException.ThrowIfNotEqual(request.Length, Layout.RequestSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(r.Shape.Count, Layout.Shape.Input.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(r.Modulus, Layout.Parameters.Plain);
        int degree = Layout.Parameters.Degree;
        using LatticeScratch polynomials = new(Layout.Ciphertexts * degree);
        for (int i = 0; i < Layout.Ciphertexts; i++)
        {
            Layout.Encode(
                r.Elements, i / Layout.ChannelBlocks, i % Layout.ChannelBlocks, Layout.Parameters.MessageShift, polynomials.Words.Slice(i * degree, degree));
        }
        _key.Encrypt(polynomials.Words, MaskKind.Request, request);
    }

    /// <summary>Reads an answer into D, mod 2^(l+1): see <see cref="Rounding"/> for what becomes of it. Other outcomes leave <paramref name="decoded"/> null.</summary>
    public LatticeOutcome TryDecode(ReadOnlySpan<byte> answer, out RingTensor? decoded)
    {
        decoded = null;
        if (answer.Length != Layout.AnswerSize)
        {
            return LatticeOutcome.WrongLength;
        }
        LatticeParameters parameters = Layout.Parameters;
        int degree = parameters.Degree;
        RingTensor output = new(parameters.Guarded, Layout.Shape.Output);
        using LatticeScratch halves = new(Batch * degree);
        using LatticeScratch phases = new(Batch * degree);
        using LatticeScratch outputs = new(degree);
        for (int first = 0; first < Layout.Answers; first += Batch)
        {
            int here = Math.Min(Batch, Layout.Answers - first);
            ReadOnlySpan<byte> parts = answer;
            for (int i = 0; i < here; i++)
            {
                Span<ulong> half = halves.Words.Slice(i * degree, degree);
                if (!BitPacking.TryRead(parts[..parameters.AnswerMaskSize], parameters.ModulusBits - parameters.DroppedOfA, half))
                {
                    return LatticeOutcome.NotCanonical;
                }
                Restore(half, parameters.DroppedOfA);
                parts = parts[PartSize(first + i)..];
            }
            phases.Words.Clear();
            _key.AddProducts(halves.Words[..(here * degree)], phases.Words, Layout.Begin, Layout.End);
            for (int i = 0; i < here; i++)
            {
                int tile = (first + i) / Layout.FilterBlocks, block = (first + i) % Layout.FilterBlocks;
                Span<ulong> values = outputs.Words[..Layout.OutputsIn(tile, block)];
                if (!BitPacking.TryRead(answer[parameters.AnswerMaskSize..PartSize(first + i)], parameters.AnswerBits, values))
                {
                    return LatticeOutcome.NotCanonical;
                }
                Restore(values, parameters.DroppedOfB);
                Gather(values, phases.Words.Slice(i * degree, degree), tile, block, output.Elements);
                answer = answer[PartSize(first + i)..];
            }
        }
        decoded = output;
        return LatticeOutcome.Ok;
    }

    int PartSize(int part) => Layout.AnswerPartSize(part / Layout.FilterBlocks, part % Layout.FilterBlocks);

    /// <summary>Puts the middle in place of the bits that were dropped.</summary>
    static void Restore(Span<ulong> words, int dropped)
    {
        ulong middle = (1UL << dropped) >> 1;
        foreach (ref ulong word in words)
        {
            word = (word << dropped) + middle;
        }
    }

    void Gather(ReadOnlySpan<ulong> values, ReadOnlySpan<ulong> phases, int tile, int block, Span<ulong> output)
    {
        LatticeParameters parameters = Layout.Parameters;
        ulong half = 1UL << (parameters.GuardShift - 1);
        OutputWalk walk = Layout.Outputs(tile, block);
        while (walk.MoveNext())
        {
            ulong phase = unchecked(values[walk.Number] + phases[walk.Coefficient] + half) & parameters.Mask;
            output[walk.Index] = phase >> parameters.GuardShift;
        }
    }
}
