using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Inference;
using Funion.Network;
using Funion.Oip;

namespace Funion.Cli.Commands;

/// <summary>What <c>funion infer</c> was told, read and checked: the same whatever the way of asking.</summary>
sealed record Question(IReadOnlyList<Tensor> Tensors, TimeSpan Bucket)
{
    /// <summary>The question, or the exit code of the error that was printed.</summary>
    public static async Task<(Question? Question, int Code)> ReadAsync(
        Output output, WayOfAsking way, string input, string? bucketText, CancellationToken cancellation)
    {
        ModelEntry entry = way.Model;
        TimeSpan bucket = TimeSpan.FromMilliseconds(entry.BucketsMilliseconds.Min());
        if (bucketText is not null && !way.HasBuckets)
        {
            return (null, output.Error(ExitCode.Usage, "There are no buckets on the direct channel: the answer comes when it is there.", "leave out --bucket"));
        }
        if (bucketText is not null && !Quantity.TryParseDuration(bucketText, out bucket))
        {
            return (null, output.Error(ExitCode.Usage, "--bucket takes a duration such as 5s."));
        }
        if (!entry.BucketsMilliseconds.Contains((int)bucket.TotalMilliseconds))
        {
            string offered = string.Join(", ", entry.BucketsMilliseconds.Select(width => $"{width / 1000.0} s"));
            return (null, output.Error(ExitCode.Failed, $"The model '{entry.Name}' is not offered with this bucket.", $"there is: {offered}"));
        }
        (IReadOnlyList<Tensor>? tensors, string problem) = await InputFile.ReadAsync(input, entry, cancellation);
        // Found out before anything is sent: afterwards it would cost a bucket.
        tensors = tensors is null ? null : ModelMetadata.Take(entry, tensors, out problem);
        return tensors is null ? (null, output.Error(ExitCode.Failed, problem)) : (new Question(tensors, bucket), 0);
    }
}
