using Funion.Private.Ring;

namespace Funion.Private.Lattice;

/// <summary>
/// The server's side of one linear layer, offline: it multiplies Enc(r) with its weights, hides them, masks, and keeps P.
/// <para>
/// What the client sees is (a, b at the outputs). Multiplied only, a = Σ w·a_i would tell the weights, since the client knows every a_i. So a fresh
/// encryption of zero is added: to `a` goes pa·u + e₂ with u ternary and e₂ CBD, an RLWE sample that is pseudorandom to whoever does not know u; to `b`
/// goes pb·u, which cancels on decryption. An e₁ is not needed, for ρ, uniform over Z_q, is subtracted from every coefficient of b that is sent: given
/// `a`, b is uniform. Hence the client's view is simulated by uniform bytes, under RLWE with the parameters of the ciphertexts, whatever its own
/// ciphertexts were made of. Coefficients that are no outputs are not sent.
/// </para>
/// </summary>
public sealed class LinearServer
{
    readonly int[] _offsets;
    readonly ulong[][] _weights;

    /// <summary>Prepares the weights of a layer.</summary>
    /// <param name="layout">How the layer lies in polynomials.</param>
    /// <param name="weights">[filter, channel, row, column], none above the layout's bound.</param>
    public LinearServer(LinearLayout layout, ReadOnlySpan<int> weights)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, layout.Shape.WeightCount);
        foreach (int weight in weights)
        {
            if (Math.Abs((long)weight) > layout.WeightBound)
            {
                throw new ArgumentException($"A weight is over the bound of {layout.WeightBound} that the noise is reckoned with.", nameof(weights));
            }
        }
        Layout = layout;
        _offsets = [.. layout.WeightExponents().Select(exponent => layout.Parameters.Degree - exponent)];
        _weights = new ulong[layout.ChannelBlocks][];
        for (int block = 0; block < _weights.Length; block++)
        {
            _weights[block] = Block(weights, block);
        }
    }

    /// <summary>How the layer lies in polynomials.</summary>
    public LinearLayout Layout { get; }

    /// <summary>Answers a request.</summary>
    /// <param name="key">Of the client.</param>
    /// <param name="request">Its <see cref="LinearLayout.RequestSize"/> bytes.</param>
    /// <param name="answer">Room for <see cref="LinearLayout.AnswerSize"/> bytes; of no use unless the outcome is Ok.</param>
    /// <param name="mask">P, mod 2^(l+1), in the shape of the output; see <see cref="Rounding"/>.</param>
    public LatticeOutcome TryEvaluate(LatticePublicKey key, ReadOnlySpan<byte> request, Span<byte> answer, RingTensor mask)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentOutOfRangeException.ThrowIfNotEqual(answer.Length, Layout.AnswerSize);
        ArgumentOutOfRangeException.ThrowIfNotEqual(mask.Modulus, Layout.Parameters.Guarded);
        ArgumentOutOfRangeException.ThrowIfNotEqual(mask.Shape, Layout.Shape.Output);
        if (!ReferenceEquals(key.Parameters, Layout.Parameters))
        {
            throw new ArgumentException("Key and layout are of different parameters.", nameof(key));
        }
        if (request.Length != Layout.RequestSize)
        {
            return LatticeOutcome.WrongLength;
        }
        int words = Layout.FilterBlocks * Layout.Parameters.Degree;
        using LatticeScratch a = new(words);
        using LatticeScratch b = new(words);
        for (int tile = 0; tile < Layout.Tiles; tile++)
        {
            a.Words.Clear();
            b.Words.Clear();
            if (!Multiply(request, tile, a.Words, b.Words))
            {
                return LatticeOutcome.NotCanonical;
            }
            Hide(key, a.Words, b.Words);
            answer = Write(tile, a.Words, b.Words, answer, mask.Elements);
        }
        return LatticeOutcome.Ok;
    }

    /// <summary>
    /// Multiplies and hides nothing: for an enclave, which may know the weights of a provider that evaluates them itself. Tiles are done side by side.
    /// </summary>
    /// <param name="request">Of the layout's <see cref="LinearLayout.RequestSize"/> bytes.</param>
    /// <param name="answer">Room for <see cref="LinearLayout.AnswerSize"/> bytes; of no use unless the outcome is Ok.</param>
    /// <param name="threads">Most threads; −1 for as many as there are processors.</param>
    public LatticeOutcome TryMultiply(byte[] request, byte[] answer, int threads = -1)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentOutOfRangeException.ThrowIfNotEqual(answer.Length, Layout.AnswerSize);
        if (request.Length != Layout.RequestSize)
        {
            return LatticeOutcome.WrongLength;
        }
        int words = Layout.FilterBlocks * Layout.Parameters.Degree, sound = 1;
        int[] starts = new int[Layout.Tiles];
        for (int tile = 1; tile < starts.Length; tile++)
        {
            starts[tile] = starts[tile - 1] + Enumerable.Range(0, Layout.FilterBlocks).Sum(block => Layout.AnswerPartSize(tile - 1, block));
        }
        Parallel.For(0, Layout.Tiles, new ParallelOptions { MaxDegreeOfParallelism = threads }, tile =>
        {
            using LatticeScratch a = new(words), b = new(words);
            a.Words.Clear();
            b.Words.Clear();
            if (Multiply(request, tile, a.Words, b.Words))
            {
                Write(tile, a.Words, b.Words, answer.AsSpan(starts[tile]), []);
            }
            else
            {
                Interlocked.And(ref sound, 0);
            }
        });
        return sound == 1 ? LatticeOutcome.Ok : LatticeOutcome.NotCanonical;
    }

    /// <summary>Weights of one channel block, a row for every filter block; zeros where the last blocks have nothing.</summary>
    ulong[] Block(ReadOnlySpan<int> weights, int block)
    {
        int area = Layout.Shape.Window.Area, channels = Layout.Shape.Input.Channels;
        ulong[] rows = new ulong[Layout.FilterBlocks * Layout.FilterBlock * Layout.ChannelBlock * area];
        for (int i = 0; i < rows.Length; i++)
        {
            int filter = i / (Layout.ChannelBlock * area), channel = (block * Layout.ChannelBlock) + (i / area % Layout.ChannelBlock);
            if (filter < Layout.Shape.Filters && channel < channels)
            {
                rows[i] = unchecked((ulong)(long)weights[(((filter * channels) + channel) * area) + (i % area)]);
            }
        }
        return rows;
    }

    /// <summary>Adds W times the ciphertexts of one tile.</summary>
    bool Multiply(ReadOnlySpan<byte> request, int tile, Span<ulong> a, Span<ulong> b)
    {
        LatticeParameters parameters = Layout.Parameters;
        int degree = parameters.Degree;
        using LatticeScratch half = new(degree);
        using LatticeScratch doubled = new(2 * degree);
        for (int block = 0; block < Layout.ChannelBlocks; block++)
        {
            int number = (tile * Layout.ChannelBlocks) + block;
            ReadOnlySpan<byte> bytes = request.Slice(LatticeParameters.SeedSize + (number * parameters.CiphertextSize), parameters.CiphertextSize);
            if (!BitPacking.TryRead(bytes, parameters.ModulusBits, half.Words))
            {
                return false;
            }
            Negacyclic.Double(half.Words, doubled.Words);
            WindowSums.Accumulate(doubled.Words, _offsets, _weights[block], b, degree, Layout.Begin, Layout.End);
            LatticeSampling.Expand(request[..LatticeParameters.SeedSize], MaskKind.Request, (uint)number, half.Words, parameters.Mask);
            Negacyclic.Double(half.Words, doubled.Words);
            WindowSums.Accumulate(doubled.Words, _offsets, _weights[block], a, degree, 0, degree);
        }
        return true;
    }

    /// <summary>Adds (pa·u + e₂, pb·u) to every answer, u and e₂ fresh for each.</summary>
    void Hide(LatticePublicKey key, Span<ulong> a, Span<ulong> b)
    {
        int degree = Layout.Parameters.Degree;
        using LatticeScratch u = new(a.Length);
        LatticeSampling.Ternary(u.Words);
        Negacyclic.MultiplyAdd(key.DoubledA, u.Words, a, 0, degree);
        Negacyclic.MultiplyAdd(key.DoubledB, u.Words, b, Layout.Begin, Layout.End);
        LatticeSampling.AddNoise(a, Layout.Parameters.NoisePairs, u.Words);
    }

    /// <summary>Writes the answers of one tile, masked unless there is no room for the masks; gives what is left of the room.</summary>
    Span<byte> Write(int tile, Span<ulong> a, ReadOnlySpan<ulong> b, Span<byte> answer, Span<ulong> mask)
    {
        LatticeParameters parameters = Layout.Parameters;
        int degree = parameters.Degree;
        using LatticeScratch rho = new(degree);
        for (int block = 0; block < Layout.FilterBlocks; block++)
        {
            Span<ulong> half = a.Slice(block * degree, degree), values = rho.Words[..Layout.OutputsIn(tile, block)];
            Drop(half, parameters.DroppedOfA);
            BitPacking.Write(half, parameters.ModulusBits - parameters.DroppedOfA, answer[..parameters.AnswerMaskSize]);
            if (mask.IsEmpty)
            {
                values.Clear();
            }
            else
            {
                LatticeSampling.Uniform(values, parameters.Mask);
            }
            OutputWalk walk = Layout.Outputs(tile, block);
            while (walk.MoveNext())
            {
                ref ulong value = ref values[walk.Number];
                if (!mask.IsEmpty)
                {
                    mask[walk.Index] = value >> parameters.GuardShift;
                }
                value = unchecked(b[(block * degree) + walk.Coefficient] - value) & parameters.Mask;
            }
            Drop(values, parameters.DroppedOfB);
            int size = Layout.AnswerPartSize(tile, block);
            BitPacking.Write(values, parameters.AnswerBits, answer[parameters.AnswerMaskSize..size]);
            answer = answer[size..];
        }
        return answer;
    }

    void Drop(Span<ulong> words, int bits)
    {
        foreach (ref ulong word in words)
        {
            word = (word & Layout.Parameters.Mask) >> bits;
        }
    }
}
