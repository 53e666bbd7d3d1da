using BenchmarkDotNet.Running;
using Funion.Benchmarks.Private.PureLattice;

// A run of a minute is no micro-benchmark: it is measured once, and checked.
if (args is ["pure-lhe", ..])
{
    return PureLatticeBench.Run(args.AsSpan(1));
}
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
