using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using Funion.Private.Garbling;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Benchmarks.Private;

/// <summary>One value of an activation, garbled and evaluated on one core, the labels already there. A ReLU has 85 and gates, or 53 at l = 24 with low bits dropped.</summary>
[MemoryDiagnoser]
public class GarblingBenchmarks
{
    const int Values = 1_024;

    const int Lanes = 16;

    readonly Label _delta = Vector128.Create((byte)0xa7);

    readonly BatchKeys _keys = new(default, 0, new byte[BatchKeys.SeedSize]);

    Circuit? _circuit;

    Garbler? _garbler;

    Evaluator? _evaluator;

    ulong[] _bound = [];

    Label[] _labels = [];

    byte[] _tables = [];

    ulong[] _words = [];

    /// <summary>What is garbled.</summary>
    [Params("relu 32 exact", "relu 24 cut", "relu6 32 exact", "max 2x2 32 exact")]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        Activation activation = new() { Width = 32, Truncation = 8 };
        _circuit = (Layer switch
        {
            "relu 24 cut" => activation with { Width = 24, DropLowBits = true },
            "relu6 32 exact" => activation with { Rectifier = Rectifier.Clamp, Limit = 6 << 8 },
            "max 2x2 32 exact" => activation with { Window = 4 },
            _ => activation,
        }).ToCircuit();
        _garbler = new Garbler(_circuit);
        _evaluator = new Evaluator(_circuit);
        _bound = new ulong[Values * _circuit.Bound.Count];
        _labels = new Label[Values * _circuit.Labels];
        _tables = new byte[Values * _circuit.AndGates * 32];
        _words = new ulong[Values];
        new Random(1).NextBytes(MemoryMarshal.AsBytes(_bound.AsSpan()));
        new Random(2).NextBytes(MemoryMarshal.AsBytes(_labels.AsSpan()));
    }

    [GlobalCleanup]
    public void Wipe()
    {
        _garbler!.Dispose();
        _evaluator!.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Values)]
    public void Garble()
    {
        for (int first = 0; first < Values; first += Lanes)
        {
            _garbler!.Garble(
                _keys, first / Lanes, _delta, _bound.AsSpan(first * _circuit!.Bound.Count, Lanes * _circuit.Bound.Count),
                _labels.AsSpan(first * _circuit.Labels, Lanes * _circuit.Labels), Tables(first), _words.AsSpan(first, Lanes));
        }
    }

    [Benchmark(OperationsPerInvoke = Values)]
    public void Evaluate()
    {
        for (int first = 0; first < Values; first += Lanes)
        {
            _evaluator!.Evaluate(
                _keys, first / Lanes, _labels.AsSpan(first * _circuit!.Labels, Lanes * _circuit.Labels), Tables(first), _words.AsSpan(first, Lanes));
        }
    }

    Span<byte> Tables(int first) => _tables.AsSpan(first * _circuit!.AndGates * 32, Lanes * _circuit.AndGates * 32);
}
