namespace Funion.Tests.Fuzzing;

/// <summary>A parser under hostile input.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Parser">The type whose <c>TryParse</c>, <c>TryRead</c> or <c>TryOpen</c> it is.</param>
/// <param name="Seeds">Sound inputs.</param>
/// <param name="Take">
/// Parses: whether it was taken. Throws if what was taken breaks a promise, for example that it is written as it was read.
/// </param>
/// <param name="SeedsAreTaken">False: some of the seeds have the right shape and mean nothing.</param>
/// <param name="Allowance">Bytes it may allocate, beyond 300 for each of the input.</param>
sealed record FuzzTarget(string Name, Type Parser, IReadOnlyList<byte[]> Seeds, Func<byte[], bool> Take, bool SeedsAreTaken = true, long Allowance = 4 << 20)
{
    public override string ToString() => Name;
}
