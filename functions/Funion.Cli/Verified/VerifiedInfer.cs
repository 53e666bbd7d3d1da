using Funion.Cli.Asking;
using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Inference;
using Funion.Verification;

namespace Funion.Cli.Verified;

/// <summary><c>funion infer MODEL INPUT… --verify λ</c>: a round of mix-and-check over any way of asking.</summary>
static class VerifiedInfer
{
    /// <summary>What one run takes at the default rate, for the default of --timeout.</summary>
    static readonly TimeSpan s_run = TimeSpan.FromSeconds(30);

    /// <summary>How many runs take as long as one after the other; the others are under way at the same time.</summary>
    const int Abreast = 4;

    /// <summary>How long a round may take when nobody says, from what one question may take.</summary>
    public static TimeSpan Patience(VerifyOptions options, int inputs, TimeSpan one = default)
    {
        TimeSpan least = one > TimeSpan.FromMinutes(5) ? one : TimeSpan.FromMinutes(5);
        if (options.Later)
        {
            return least;
        }
        int runs = VerificationPlan.For(Math.Clamp(inputs, options.Pending ? 64 : 1, VerificationPlan.MostQueries), options.Lambda).Runs + options.Labelled;
        return least + (runs * (one / Abreast > s_run ? one / Abreast : s_run));
    }

    public static async Task<int> RunAsync(AskingRequest request, VerifyOptions options, IReadOnlyList<string> inputs, string? bucketText, CancellationToken cancellation)
    {
        (WayOfAsking? chosen, int code) = await WaysOfAsking.ChooseAsync(request, cancellation);
        if (chosen is null)
        {
            return code;
        }
        await using WayOfAsking way = chosen;
        List<PendingQuery> fresh = [];
        TimeSpan bucket = TimeSpan.FromMilliseconds(way.Model.BucketsMilliseconds.DefaultIfEmpty().Min());
        foreach (string input in inputs)
        {
            (Question? question, code) = await Question.ReadAsync(request.Output, way, input, bucketText, cancellation);
            if (question is null)
            {
                return code;
            }
            bucket = question.Bucket;
            fresh.Add(PendingQueries.New(NameOf(input), TensorCodec.Encode(question.Tensors)));
        }
        SampleForm form = way.HidesInputs ? SampleForm.TwoParty : SampleForm.Plain;
        (HomeSamples? samples, code) = HomeSamples.Find(request.Output, way.Model, form, options.Pools, request.Network);
        if (samples is null)
        {
            return code;
        }
        if (fresh.Find(query => !samples.Fits(query.Input)) is { } odd)
        {
            return request.Output.Error(ExitCode.Failed, $"{odd.Name} has another shape than the samples of the model, and would be known from them.");
        }
        HomePending pending = new(request.Output, new Bytes32(Convert.FromHexString(way.Model.Sha256)), form);
        if (options.Later)
        {
            return await AnsweredNow.RunAsync(request, options, way, bucket, samples, pending, fresh[0], cancellation);
        }
        using IDisposable? turn = options.Pending ? pending.Store.TryBeginRound() : null;
        if (options.Pending && turn is null)
        {
            return request.Output.Error(ExitCode.Failed, "Another funion checks what waits.", "try again when it is done");
        }
        VerifiedRound round = new(request.Output, way, bucket, options, samples, options.Pending ? pending : null, fresh);
        return await round.RunAsync(cancellation);
    }

    static string NameOf(string input)
    {
        string name = Path.GetFileName(input);
        return System.Text.Encoding.UTF8.GetByteCount(name) <= PendingQuery.MostName ? name : "…";
    }
}
