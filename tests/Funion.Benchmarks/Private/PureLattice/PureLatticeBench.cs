using System.Diagnostics;
using System.Numerics;
using Funion.Models.Digits;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Planning;
using Funion.Private.Ring;

namespace Funion.Benchmarks.Private.PureLattice;

/// <summary>
/// <c>pure-lhe [--steps N]</c>: the digit model without any enclave, beside the enclave mode and the network in the clear in the same run. Every ReLU is a square (its maximum a mean), trained on
/// for N steps; weights are in the open, which is less than the enclave mode hides. MiniONN is reckoned: every kind of operation is measured at the ring that its depth takes, and counted.
/// </summary>
static class PureLatticeBench
{
    const int Degree = 16_384, MiniDegree = 32_768, Questions = 8, EnclaveRuns = 20;

    public static int Run(ReadOnlySpan<string> arguments)
    {
        int steps = arguments is ["--steps", var given] && int.TryParse(given, out int number) && number >= 0 ? number : 400;
        FloatNetwork digits = NetworkReader.TryRead(DigitModel.File()).Network!;
        HashSet<int> all = [.. Enumerable.Range(0, Exchange.Candidates(digits).Count)];
        FloatNetwork squares = steps > 0
            ? new NetworkTrainer(digits, all).Run(thread => DigitTrainer.Drawn(71 + thread).GetEnumerator(), steps, 0.01f)
            : Exchange.Apply(digits, all);
        SquaredNetwork network = SquaredNetwork.Of(squares);
        double accuracy = DigitTrainer.HeldOutAccuracy(picture => [.. network.Run(network.Encode(picture)).Select(logit => (float)((double)logit / Math.Pow(2, 100)))], 500);
        BigInteger[][] inputs = [.. Enumerable.Range(0, Questions).Select(i => network.Encode(DigitTrainer.HeldOutPicture(i % 10, 40_000 + i)))];
        PureLatticeRun run = new(network, Degree);
        bool equal = run.Run(inputs).Zip(inputs).All(pair => pair.First.SequenceEqual(network.Run(pair.Second)));
        Console.WriteLine($"digits, squares in place of ReLUs: {accuracy:P1} of 500 held-out pictures; {run.Moduli} moduli of 48 bits, N = {Degree}, {PureLatticeRun.Primes(all.Count)} primes of 48 bits");
        Console.WriteLine($"the answers {(equal ? "are" : "are NOT")} the integer reference's in {Questions} slots of {Degree}");
        foreach ((string name, double layerSeconds, double layerProcessor) in run.Layers)
        {
            Console.WriteLine($"  {name,-8}{layerSeconds,9:f2} s{layerProcessor,9:f2} processor seconds");
        }
        double seconds = run.Layers.Sum(layer => layer.Seconds), processor = run.Layers.Sum(layer => layer.Processor);
        Console.WriteLine($"  cloud: {seconds:f1} s, {processor:f1} processor seconds; whoever asks: {run.AskerSeconds:f1} s; {run.Bytes:n0} bytes");
        (double asked, double spent, double clear) = Enclave(digits);
        Console.WriteLine($"the same network with ReLUs through an enclave: {asked:f3} s, {spent:f3} processor seconds; in the clear: {clear:f5} s");
        Console.WriteLine($"without an enclave: {processor / spent:n0} times the processor time for one question, {processor / spent / Degree:f2} times for each of {Degree}");
        MiniOnn();
        return equal ? 0 : 1;
    }

    /// <summary>Medians of the enclave mode, hidden model, and of the plain integers.</summary>
    static (double Seconds, double Processor, double Clear) Enclave(FloatNetwork floats)
    {
        const string Here = "Funion.Benchmarks", There = "Funion.Enclave";
        string program = Path.Combine(
            AppContext.BaseDirectory.Replace($"tests{Path.DirectorySeparatorChar}{Here}", $"functions{Path.DirectorySeparatorChar}{There}", StringComparison.Ordinal), There);
        IntegerNetwork network = Calibration.Run(floats, Enumerable.Range(0, 4).Select(i => DigitTrainer.HeldOutPicture(i, 20_000 + i)), new Precision(new Modulus(32)));
        string folder = Directory.CreateTempSubdirectory("funion-bench-").FullName;
        try
        {
            EnclaveLink? link = null;
            using EnclaveHost host = new(() => link = EnclaveLink.StartInsecureSimulator(program, Path.Combine(folder, "hardware")), new EnclaveStore(Path.Combine(folder, "store")));
            using ModelOwner owner = new();
            host.Start();
            EnclaveOffer offer = host.Create(new EnclavePolicy(network.Modulus.Bits, owner.Key, int.MaxValue, [], []))!;
            List<byte[]> weights = [];
            byte[] provision = owner.Seal(network, offer.Identity, offer.PublicKey, weights.Add);
            CloudModel model = new(offer.Model, network.WithoutWeights(), isHidden: true);
            host.Provide(model, provision, () => weights);
            List<double> asked = [], clear = [];
            double before = 0;
            for (int i = 0; i <= EnclaveRuns; i++)
            {
                // The first run compiles.
                before = i == 1 ? Spent(link!) : before;
                using DataOwner asker = new();
                RingTensor input = network.Encode(DigitTrainer.HeldOutPicture(i % 10, 50_000 + i));
                byte[] question = asker.Ask(host.Describe(default, offer.Model)!.Value.Identity, input);
                long start = Stopwatch.GetTimestamp();
                host.Forget(host.Ask(model, [question])[0].Query);
                asked.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                start = Stopwatch.GetTimestamp();
                network.Run(input);
                clear.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            return (Median(asked), (Spent(link!) - before) / EnclaveRuns, Median(clear));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static double Spent(EnclaveLink link) => link.ProcessorSeconds + Environment.CpuUsage.TotalTime.TotalSeconds;
    }

    /// <summary>What MiniONN would take: products and squares of every layer at the level it has, times how many, times the moduli that its largest value needs.</summary>
    static void MiniOnn()
    {
        FloatNetwork network = Architectures.MiniOnn(1);
        int squares = network.Layers.OfType<FloatActivation>().Count(), primes = PureLatticeRun.Primes(squares);
        SquaringRing ring = new(MiniDegree, primes);
        SquaringScheme scheme = new(ring, SquaringRing.Primes(MiniDegree).Skip(primes).First());
        SquaringSpace space = new(ring);
        (double[][] B, double[][] A) value = scheme.Encrypt([1]);
        double bits = 4, total = 0;
        foreach (FloatLayer layer in network.Layers)
        {
            switch (layer)
            {
                case FloatLinear linear:
                    // Weights of four bits.
                    bits += 4 + Math.Log2(linear.Shape.FanIn);
                    total += (double)linear.Shape.Output.Count * linear.Shape.FanIn * Best(() => scheme.AddProduct(3, (value.B[..primes], value.A[..primes]), space));
                    break;
                case FloatActivation:
                    bits *= 2;
                    int level = primes;
                    total += layer.Output.Count * Best(() => scheme.Square(space, level, 1, 1));
                    primes -= PureLatticeRun.PrimesOfSquare;
                    break;
                default:
                    bits += 2;
                    break;
            }
        }
        double moduli = Math.Ceiling((bits + 1) / 47);
        Console.WriteLine($"MiniONN, reckoned: N = {MiniDegree}, {PureLatticeRun.Primes(squares)} primes; values of {bits:n0} bits, so {moduli:n0} moduli; {total * moduli / 86_400:n0} processor days ({total / 3_600:n0} hours a modulus)");
    }

    static double Best(Action action)
    {
        double best = double.MaxValue;
        for (int i = 0; i < 4; i++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    static double Median(List<double> seconds) => seconds.Order().ElementAt(seconds.Count / 2);
}
