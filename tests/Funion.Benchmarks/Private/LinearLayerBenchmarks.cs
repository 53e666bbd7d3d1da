using BenchmarkDotNet.Attributes;
using Funion.Private.Lattice;
using Funion.Private.Ring;

namespace Funion.Benchmarks.Private;

/// <summary>One linear layer under encryption, on one core: both sides, and the same layer in the clear.</summary>
[MemoryDiagnoser]
public class LinearLayerBenchmarks
{
    LinearClient _client = null!;
    LinearServer _server = null!;
    LatticePublicKey _theirs = null!;
    RingConvolution _clear = null!;
    RingTensor _r = null!;
    RingTensor _mask = null!;
    byte[] _request = [];
    byte[] _answer = [];

    /// <summary>Channels in and out, and side of the picture; 3×3, as in MiniONN.</summary>
    [Params("64@32", "64@16", "64@8", "1024→10")]
    public string Layer { get; set; } = "";

    /// <summary>l.</summary>
    [Params(24, 32)]
    public int Bits { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        ConvolutionShape shape = Layer switch
        {
            "64@32" => new(new TensorShape(64, 32, 32), 64, Window.Square(3, padding: 1)),
            "64@16" => new(new TensorShape(64, 16, 16), 64, Window.Square(3, padding: 1)),
            "64@8" => new(new TensorShape(64, 8, 8), 64, Window.Square(3, padding: 1)),
            _ => ConvolutionShape.FullyConnected(1_024, 10),
        };
        LatticeParameters parameters = new(new Modulus(Bits));
        LinearLayout layout = new(parameters, shape);
        LatticeSecretKey key = LatticeSecretKey.Create(parameters);
        LatticePublicKey.TryRead(parameters, key.PublicKey, out LatticePublicKey? theirs);
        Random random = new(1);
        int[] weights = [.. Enumerable.Range(0, shape.WeightCount).Select(_ => random.Next(-127, 128))];
        (_client, _server, _theirs, _clear) = (new LinearClient(key, layout), new LinearServer(layout, weights), theirs!, new RingConvolution(shape, weights));
        (_r, _mask) = (RingTensor.Uniform(parameters.Plain, shape.Input), new RingTensor(parameters.Guarded, shape.Output));
        (_request, _answer) = (new byte[layout.RequestSize], new byte[layout.AnswerSize]);
        Encrypt();
        Evaluate();
    }

    [Benchmark]
    public void Encrypt() => _client.Encrypt(_r, _request);

    [Benchmark(Baseline = true)]
    public LatticeOutcome Evaluate() => _server.TryEvaluate(_theirs, _request, _answer, _mask);

    [Benchmark]
    public LatticeOutcome Decode() => _client.TryDecode(_answer, out _);

    [Benchmark]
    public RingTensor InTheClear() => _clear.Apply(_r);
}
