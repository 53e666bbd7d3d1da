namespace Funion.Network;

/// <summary>The rules for models: one grid of buckets, and batches that compute's slots can carry.</summary>
static class ModelRules
{
    public static IEnumerable<string> Broken(NetworkDocument document)
    {
        if (document.Models.Select(model => model.Name).Distinct().Count() != document.Models.Count)
        {
            yield return "Two models have the same name.";
        }

        int[] buckets = [.. document.Models.SelectMany(model => model.BucketsMilliseconds)];
        if (buckets.Any(bucket => bucket <= 0) || (buckets.Length > 0 && buckets.Any(bucket => bucket % buckets.Min() != 0)))
        {
            yield return "Every bucket is a multiple of the shortest one: boundaries lie on a common grid.";
            yield break;
        }

        foreach (string broken in document.Models.SelectMany(model => Model(document, model)).Concat(Together(document)))
        {
            yield return broken;
        }
    }

    /// <summary>What several models and buckets ask of one compute node's slots beside each other.</summary>
    static IEnumerable<string> Together(NetworkDocument document)
    {
        foreach (IGrouping<NodeId, ModelEntry> compute in document.Models.GroupBy(model => model.Compute))
        {
            decimal perSecond = compute.Sum(model => model.BucketsMilliseconds.Sum(bucket => 1_000m * model.Batch * Exchanges(model) / bucket));
            if (perSecond > 0.8m * document.Rates.ComputePerKilosecond / 1_000)
            {
                yield return $"The models of compute node {compute.Key} together take more than 0.8 of λC.";
            }
        }
    }

    // Every box costs an ACK and a PAYLOAD exchange.
    static long Exchanges(ModelEntry model) => 2L * ((long)model.InputBoxes + model.OutputBoxes);

    static IEnumerable<string> Model(NetworkDocument document, ModelEntry model)
    {
        if (document.Node(model.Compute)?.Role != NodeRole.Compute)
        {
            yield return $"Model {model.Name} names no compute node.";
        }

        if (model.Name.Length == 0 || model.BucketsMilliseconds.Count == 0 || model.Inputs.Count == 0 || model.Outputs.Count == 0
            || model.Batch < 1 || model.InputBoxes < 1 || model.OutputBoxes < 1)
        {
            yield return $"Model {model.Name} needs a name, a bucket, inputs, outputs and counts above zero.";
        }

        if (model.BucketsMilliseconds.Zip(model.BucketsMilliseconds.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            yield return $"Model {model.Name} lists its buckets in ascending order.";
        }

        foreach (int bucket in model.BucketsMilliseconds.Where(bucket => model.Batch > LargestBatch(document.Rates, model, bucket)))
        {
            yield return $"Model {model.Name}: a batch of {model.Batch} in {bucket} ms is over "
                + $"0.8 λC·bucket / (2 n_in + 2 n_out) = {LargestBatch(document.Rates, model, bucket)}.";
        }
    }

    // λC is per 1,000 s and the bucket in ms, hence 10^6.
    static long LargestBatch(Rates rates, ModelEntry model, int bucketMilliseconds) =>
        8L * rates.ComputePerKilosecond * bucketMilliseconds / (10 * 1_000_000L * Exchanges(model));
}
