namespace Funion.Private.Garbling;

/// <summary>
/// A non-linear layer on one value, or on one window, of shares mod 2ˡ. With shares a and b, mask r and truncation f:
/// <code>
/// x  = a + b mod 2ˡ, in two's complement, for each value of the window
/// y  = rectify(max over the window of floor(x / 2ᶠ))
/// result = y − r mod 2ˡ
/// </code>
/// Exact: the carry of the low bits counts. Without (<see cref="DropLowBits"/>) each share is cut before the addition, and floor(x / 2ᶠ) is one too
/// low whenever the low bits would have carried; f ands, and f transfers, less for each value.
/// <code>
/// ands, exact ReLU   (l − 1) + (l − 1 − f) + (l − 1)                         85 at l = 32, f = 8
/// ands, low dropped  (l − f − 1) + (l − f − 1) + (l − 1)                     53 at l = 24, f = 8
/// </code>
/// </summary>
sealed record Activation
{
    /// <summary>Fewest and most bits of a share.</summary>
    public const int MinWidth = 16, MaxWidth = 64;

    /// <summary>l.</summary>
    public required int Width { get; init; }

    /// <summary>f: bits that go, 0 to l − 2.</summary>
    public int Truncation { get; init; }

    /// <summary>Cut the shares instead of the sum: cheaper, and one too low at times.</summary>
    public bool DropLowBits { get; init; }

    /// <summary>Values of which the greatest is taken: 1, or 4 for 2 × 2, 9 for 3 × 3; 64 at most.</summary>
    public int Window { get; init; } = 1;

    /// <summary>What follows.</summary>
    public Rectifier Rectifier { get; init; } = Rectifier.Relu;

    /// <summary>Of <see cref="Rectifier.Clamp"/>: 1 to 2^(l − 1 − f) − 1.</summary>
    public ulong Limit { get; init; }

    /// <summary>
    /// Whether the garbler knows its shares and the mask when it garbles: a client, whose share and next mask are fixed offline. A server that garbles
    /// does not, and the mask is then the evaluator's.
    /// </summary>
    public bool GarblerIsBound { get; init; } = true;

    /// <summary>The result for plain inputs.</summary>
    public ulong Compute(ReadOnlySpan<ulong> garblerShares, ReadOnlySpan<ulong> evaluatorShares, ulong mask)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(garblerShares.Length, Window);
        ArgumentOutOfRangeException.ThrowIfNotEqual(evaluatorShares.Length, Window);
        unchecked
        {
            long greatest = long.MinValue;
            for (int i = 0; i < Window; i++)
            {
                int cut = DropLowBits ? Truncation : 0, shift = 64 - Width + cut;
                ulong sum = (garblerShares[i] >> cut) + (evaluatorShares[i] >> cut);
                greatest = Math.Max(greatest, (long)(sum << shift) >> (shift + Truncation - cut));
            }
            ulong value = (ulong)(Rectifier == Rectifier.None ? greatest : Math.Max(greatest, 0));
            value = Rectifier == Rectifier.Clamp ? Math.Min(value, Limit) : value;
            return (value - mask) & (ulong.MaxValue >> (64 - Width));
        }
    }

    /// <summary>
    /// Builds the circuit. Garbler bound: bound words are its shares and the mask, open words the evaluator's shares. Otherwise: open words are the
    /// evaluator's shares and the mask, late words the garbler's shares.
    /// </summary>
    public Circuit ToCircuit()
    {
        Validate();
        CircuitBuilder builder = new();
        int first = DropLowBits ? Truncation : 0, bits = Width - first;
        Wire[][] garbler = new Wire[Window][], evaluator = new Wire[Window][];
        Wire[] mask = [];
        if (GarblerIsBound)
        {
            Fill(garbler, () => builder.Bound(bits, first));
            mask = builder.Bound(Width);
        }
        Fill(evaluator, () => builder.Open(bits, first));
        if (!GarblerIsBound)
        {
            mask = builder.Open(Width);
            Fill(garbler, () => builder.Late(bits, first));
        }
        Wire[] value = [];
        for (int i = 0; i < Window; i++)
        {
            Wire[] sum = builder.Add(garbler[i], evaluator[i], Truncation - first);
            value = i == 0 ? sum : builder.MaximumSigned(value, sum);
        }
        return builder.Build(builder.Subtract(Rectified(builder, value), mask));
    }

    Wire[] Rectified(CircuitBuilder builder, Wire[] value)
    {
        Wire sign = value[^1];
        Wire[] result = new Wire[Width];
        Array.Fill(result, Rectifier == Rectifier.None ? sign : Wire.False);
        ReadOnlySpan<Wire> magnitude = value.AsSpan(0, value.Length - 1);
        switch (Rectifier)
        {
            case Rectifier.None:
                magnitude.CopyTo(result);
                break;
            case Rectifier.Relu:
                for (int i = 0; i < magnitude.Length; i++)
                {
                    result[i] = builder.And(magnitude[i], !sign);
                }
                break;
            default:
                // Above the limit the limit's bits, below zero nothing, in between the value; bits over the limit's own never matter.
                Wire above = builder.And(builder.Greater(magnitude, Limit), !sign), between = builder.And(!sign, !above);
                for (int i = 0; i < 64 - System.Numerics.BitOperations.LeadingZeroCount(Limit); i++)
                {
                    Wire kept = builder.And(magnitude[i], between);
                    result[i] = ((Limit >> i) & 1) != 0 ? builder.Xor(kept, above) : kept;
                }
                break;
        }
        return result;
    }

    void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Width, MinWidth, nameof(Width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Width, MaxWidth, nameof(Width));
        ArgumentOutOfRangeException.ThrowIfNegative(Truncation, nameof(Truncation));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Truncation, Width - 2, nameof(Truncation));
        ArgumentOutOfRangeException.ThrowIfLessThan(Window, 1, nameof(Window));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Window, 64, nameof(Window));
        if (Rectifier == Rectifier.Clamp && (Limit < 1 || Limit >= 1UL << (Width - 1 - Truncation)))
        {
            throw new ArgumentOutOfRangeException(nameof(Limit), Limit, "The limit is a positive value of the truncated scale.");
        }
    }

    static void Fill(Wire[][] words, Func<Wire[]> input)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = input();
        }
    }
}
