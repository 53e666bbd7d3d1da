using System.Diagnostics;
using System.Numerics;

namespace Funion.Benchmarks.Private.PureLattice;

/// <summary>A network of squares upon ciphertexts from the first layer to the last: nothing is decrypted in between. One ciphertext a value, a question in each slot.</summary>
/// <param name="network">The network, its weights in the open.</param>
/// <param name="degree">N.</param>
sealed class PureLatticeRun(SquaredNetwork network, int degree)
{
    /// <summary>Primes that a square takes, and those that are left for reading.</summary>
    public const int PrimesOfSquare = 2, LastPrimes = 2;

    /// <summary>Primes of q.</summary>
    public static int Primes(int squares) => (PrimesOfSquare * squares) + LastPrimes;

    /// <summary>Seconds of each layer, all plaintext moduli together: wall clock and processor.</summary>
    public List<(string Name, double Seconds, double Processor)> Layers { get; } = [];

    /// <summary>Seconds that whoever asks encrypts and decrypts.</summary>
    public double AskerSeconds { get; private set; }

    /// <summary>Moduli of messages that a result takes.</summary>
    public int Moduli { get; private set; }

    /// <summary>Bytes to and from whoever asks, coefficients of 48 bits, a from its seed.</summary>
    public long Bytes { get; private set; }

    /// <summary>Outputs of inputs in the slots, exact.</summary>
    public BigInteger[][] Run(BigInteger[][] inputs)
    {
        SquaringRing ring = new(degree, Primes(network.Layers.Count(layer => layer.Square is not null)));
        BigInteger most = inputs.Max(input => network.Run(input).Max(BigInteger.Abs)) * 4;
        List<(BigInteger[][] Residues, long Modulus)> parts = [];
        BigInteger product = 1;
        foreach (long plain in SquaringRing.Primes(degree).Skip(ring.Count))
        {
            parts.Add((Run(new SquaringScheme(ring, plain), ring, inputs), plain));
            product *= plain;
            if (product > most)
            {
                break;
            }
        }
        Moduli = parts.Count;
        int outputs = network.Layers[^1].Rows.Length;
        Bytes = Moduli * degree * 6L * ((inputs[0].Length * ring.Count) + (2 * LastPrimes * outputs));
        return [.. Enumerable.Range(0, inputs.Length).Select(slot => (BigInteger[])[.. Enumerable.Range(0, outputs).Select(output => Join(parts, slot, output, product))])];
    }

    /// <summary>Mod one t: residues by slot and output.</summary>
    BigInteger[][] Run(SquaringScheme scheme, SquaringRing ring, BigInteger[][] inputs)
    {
        long start = Stopwatch.GetTimestamp();
        (double[][] B, double[][] A)[] values = new (double[][], double[][])[inputs[0].Length];
        Parallel.For(0, values.Length, i => values[i] = scheme.Encrypt([.. inputs.Select(input => input[i])]));
        AskerSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        BigInteger scale = 1;
        int primes = ring.Count;
        foreach ((int number, SquaredLayer layer) in network.Layers.Index())
        {
            start = Stopwatch.GetTimestamp();
            double processor = Environment.CpuUsage.TotalTime.TotalSeconds;
            (double[][] B, double[][] A)[] outputs = new (double[][], double[][])[layer.Rows.Length];
            Parallel.For(0, outputs.Length, () => new SquaringSpace(ring), (i, _, space) =>
            {
                outputs[i] = Evaluate(scheme, space, layer, i, values, primes, scale);
                return space;
            }, _ => { });
            if (layer.Square is not null)
            {
                scale = scale * scale * scheme.Dropped(primes) % scheme.Plain;
                primes -= PrimesOfSquare;
            }
            values = outputs;
            (double seconds, double spent) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Environment.CpuUsage.TotalTime.TotalSeconds - processor);
            if (Layers.Count <= number)
            {
                Layers.Add((layer.Name, 0, 0));
            }
            Layers[number] = (layer.Name, Layers[number].Seconds + seconds, Layers[number].Processor + spent);
        }
        start = Stopwatch.GetTimestamp();
        BigInteger inverse = BigInteger.ModPow(((scale % scheme.Plain) + scheme.Plain) % scheme.Plain, scheme.Plain - 2, scheme.Plain);
        BigInteger[][] read = [.. values.Select(value => scheme.Decrypt(value, inputs.Length))];
        AskerSeconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return [.. Enumerable.Range(0, inputs.Length).Select(slot => (BigInteger[])[.. read.Select(output => output[slot] * inverse % scheme.Plain)])];
    }

    static (double[][], double[][]) Evaluate(
        SquaringScheme scheme, SquaringSpace space, SquaredLayer layer, int output, (double[][] B, double[][] A)[] values, int primes, BigInteger scale)
    {
        space.Clear(primes);
        foreach ((int input, long weight) in layer.Rows[output])
        {
            scheme.AddProduct(weight, values[input], space);
        }
        scheme.Add(layer.Bias[output] * scale, space.B.AsSpan(0, primes));
        return layer.Square is { } square
            ? scheme.Square(space, primes, square.Linear * scale, square.Constant * scale * scale)
            : ([.. space.B.Take(primes).Select(polynomial => polynomial.AsSpan().ToArray())], [.. space.A.Take(primes).Select(polynomial => polynomial.AsSpan().ToArray())]);
    }

    /// <summary>The signed number of these residues.</summary>
    static BigInteger Join(List<(BigInteger[][] Residues, long Modulus)> parts, int slot, int output, BigInteger product)
    {
        BigInteger sum = 0;
        foreach ((BigInteger[][] residues, long modulus) in parts)
        {
            BigInteger others = product / modulus;
            sum += residues[slot][output] * others * BigInteger.ModPow(others % modulus, modulus - 2, modulus);
        }
        sum = ((sum % product) + product) % product;
        return sum > product / 2 ? sum - product : sum;
    }
}
