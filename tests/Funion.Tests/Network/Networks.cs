using Funion.Network;

namespace Funion.Tests.Network;

/// <summary>Small networks at a fixed time.</summary>
static class Networks
{
    public static readonly DateTimeOffset Now = NetworkDocument.DefaultOrigin.AddDays(3_000).AddHours(5);

    public static LocalNetworkPlan Plan(LocalNetworkOptions? options = null) => LocalNetworkPlan.Create(options ?? new(), Now);

    public static ModelEntry Model(string name = "digits", int batch = 4, params int[] buckets) => new()
    {
        Name = name,
        Compute = default,
        Sha256 = new string('a', 64),
        BucketsMilliseconds = buckets.Length == 0 ? [5_000, 10_000] : buckets,
        Batch = batch,
        InputBoxes = 1,
        OutputBoxes = 1,
        Inputs = [new TensorSpec("image", "FP32", [-1, 1, 8, 8])],
        Outputs = [new TensorSpec("scores", "FP32", [-1, 10])],
        Labels = ["null", "\u00e9ins", "\"zwei\""],
    };
}
