using BenchmarkDotNet.Attributes;
using Funion.Private.Transfer;
using Label = System.Runtime.Intrinsics.Vector128<byte>;

namespace Funion.Benchmarks.Private;

/// <summary>One correlated transfer of an extension of 65,536, check included; opening a session; a square pair.</summary>
[MemoryDiagnoser]
public class TransferBenchmarks
{
    const int Transfers = 65_536;

    const int Pairs = Transfers / 31;

    readonly Label[] _zero = new Label[Transfers];

    readonly Label[] _chosen = new Label[Transfers];

    readonly byte[] _choices = new byte[Transfers / 8];

    readonly ProductGeometry _pairs = SquarePairs.Geometry(32, Pairs);

    readonly ulong[] _values = new ulong[Pairs];

    readonly ulong[] _squares = new ulong[Pairs];

    TransferGeometry _geometry = TransferGeometry.SoftSpoken;

    CorrelatedSender? _sender;

    CorrelatedReceiver? _receiver;

    byte[] _message = [];

    byte[] _corrections = [];

    /// <summary>k: 1 is IKNP.</summary>
    [Params(1, 4, 8)]
    public int Depth { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _geometry = new TransferGeometry(Depth);
        _message = new byte[_geometry.ExtensionSize(Transfers)];
        _corrections = new byte[_pairs.MessageSize];
        Open();
    }

    [GlobalCleanup]
    public void Wipe()
    {
        _sender?.Dispose();
        _receiver?.Dispose();
    }

    /// <summary>Both sides: 128 base transfers and the trees.</summary>
    [Benchmark]
    public bool Open()
    {
        Wipe();
        byte[] reply = new byte[_geometry.OpenSize];
        _sender = new CorrelatedSender(default, _geometry);
        _receiver = new CorrelatedReceiver(default, _geometry);
        return _receiver.Open(_sender.Choose, reply) == TransferOutcome.Taken && _sender.Open(reply) == TransferOutcome.Taken;
    }

    /// <summary>The receiver's side of one transfer.</summary>
    [Benchmark(OperationsPerInvoke = Transfers)]
    public void Extend() => _receiver!.Extend(Transfers, _message, _choices, _chosen);

    /// <summary>Both sides of one transfer: the sender takes an extension only after the one before.</summary>
    [Benchmark(OperationsPerInvoke = Transfers)]
    public bool ExtendBothSides()
    {
        _receiver!.Extend(Transfers, _message, _choices, _chosen);
        return _sender!.Extend(_message, _zero) == TransferOutcome.Taken;
    }

    /// <summary>The sender's side of one pair, its 31 transfers not counted.</summary>
    [Benchmark(OperationsPerInvoke = Pairs)]
    public void SquarePair() => SquarePairs.Send(_pairs, default, 0, default, _zero.AsSpan(0, _pairs.Transfers), _corrections, _values, _squares);
}
