using System.Security.Cryptography;

namespace Funion.Verification;

/// <summary>
/// Mix-and-check: every query B times, T public samples, and labelled ones, in a secret order, each asked for itself. When all have come back, and only
/// then: the copies of a query agree, every certified sample is answered with its certified output (both bit for bit, unless a tolerance is stated), enough
/// labelled ones are right, and a query's answer is the middle of its copies; or one abort that says nothing more. What a server learns of an abort is one bit, after its
/// last answer.
/// <para>
/// It promises what <see cref="CheatingBound"/> says as long as the server cannot tell the inputs apart, which is for the way of asking to see to. It
/// does not notice a model that is wrong only on inputs unlike the public ones.
/// </para>
/// References: Fusion (Dong and others, NDSS 2023).
/// </summary>
public static class MixAndCheck
{
    /// <summary>Asks, and checks.</summary>
    /// <param name="question">What to ask.</param>
    /// <param name="ask">
    /// Asks a provider, by its number, one input, with fresh randomness and in a session of its own; null: no answer came. Called once for each, in the
    /// secret order.
    /// </param>
    /// <param name="cancellation">Ends the round.</param>
    /// <exception cref="ArgumentException">The question does not fit its plan, or its inputs have different sizes.</exception>
    public static async Task<VerifiedAnswer> RunAsync(
        VerifiedQuestion question, Func<int, ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>?>> ask, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(ask);
        Check(question);
        ReadOnlyMemory<byte>[] inputs =
        [
            .. question.Queries.SelectMany(query => Enumerable.Repeat(query, question.Plan.Copies)),
            .. question.Integrity.Select(sample => sample.Input), .. question.Accuracy.Select(sample => sample.Input),
        ];
        int[] order = [.. Enumerable.Range(0, inputs.Length)];
        // The order is a secret: the system's randomness, and no sort by a key.
        RandomNumberGenerator.Shuffle(order.AsSpan());
        int[] providers = [.. order.Select(_ => RandomNumberGenerator.GetInt32(question.Providers))];
        // Moved before the first is asked: what that takes is no part of when each is.
        ReadOnlyMemory<byte>[] disguised = [.. order.Select(at => question.Tolerance.Disguise(inputs[at], question.Noise))];
        Run[] runs = new Run[inputs.Length];
        Task<ReadOnlyMemory<byte>?>[] asked = [.. disguised.Select((input, i) => AskAsync(providers[i], input))];
        // One that fails must not end the round before the others: when it ends would say which it was.
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        for (int i = 0; i < order.Length; i++)
        {
            runs[order[i]] = new Run(providers[i], asked[i].IsCompletedSuccessfully ? await asked[i] : null);
        }
        return Judge(question, runs);

        // What throws before its first wait is one run that failed, like any other.
        async Task<ReadOnlyMemory<byte>?> AskAsync(int provider, ReadOnlyMemory<byte> input) => await ask(provider, input, cancellation);
    }

    static VerifiedAnswer Judge(VerifiedQuestion question, Run[] runs)
    {
        int copies = question.Plan.Copies, samples = question.Queries.Count * copies, labelled = samples + question.Integrity.Count;
        bool complete = runs.All(run => run.Output is not null), contradicted = false;
        for (int query = 0; query < question.Queries.Count; query++)
        {
            contradicted |= !Agree(question, query, runs.AsSpan(query * copies, copies));
        }
        // A run without an answer tells nothing of a model: the network may have lost it.
        bool?[] missed = [.. question.Integrity.Select((sample, i) => runs[samples + i].Output is { } output ? !new Tolerance(0, sample.Slack).Matches(output, sample.Output) : (bool?)null)];
        bool?[] right = [.. question.Accuracy.Select((sample, i) => runs[labelled + i].Output is { } output ? question.LabelOf(output) == sample.Label : (bool?)null)];
        contradicted |= missed.Contains(true) || right.Count(value => value != false) < question.AccuracyBar;
        ProviderEvidence[] evidence = [.. Enumerable.Range(0, question.Providers).Select(provider =>
        {
            bool[] own = [.. runs.Select(run => run.Provider == provider)];
            return new ProviderEvidence(
                own.Count(value => value), runs.Count(run => run.Provider == provider && run.Output is null),
                missed.Where((value, i) => own[samples + i] && value is not null).Count(), missed.Where((value, i) => own[samples + i] && value == true).Count(),
                right.Where((value, i) => own[labelled + i] && value is not null).Count(), right.Where((value, i) => own[labelled + i] && value == true).Count());
        })];
        return new VerifiedAnswer(
            complete && !contradicted
                ? [.. Enumerable.Range(0, question.Queries.Count).Select(query => question.Tolerance.Middle([.. runs.Skip(query * copies).Take(copies).Select(run => run.Output!.Value)]))]
                : null,
            contradicted, evidence);
    }

    /// <summary>Every copy that came back with every other: nearness is not transitive.</summary>
    static bool Agree(VerifiedQuestion question, int query, ReadOnlySpan<Run> copies)
    {
        for (int i = 0; i < copies.Length; i++)
        {
            if (copies[i].Output is not { } copy)
            {
                continue;
            }
            for (int j = 0; j < i; j++)
            {
                if (copies[j].Output is { } other && !question.Tolerance.Agree(copy, other))
                {
                    return false;
                }
            }
            if (question.Earlier.Count > 0 && question.Earlier[query].Length > 0 && !question.Tolerance.Agree(copy, question.Earlier[query]))
            {
                return false;
            }
        }
        return true;
    }

    static void Check(VerifiedQuestion question)
    {
        if (question.Queries.Count != question.Plan.Queries || question.Integrity.Count != question.Plan.Samples
            || (question.Earlier.Count > 0 && question.Earlier.Count != question.Queries.Count))
        {
            throw new ArgumentException($"The plan is for {question.Plan.Queries} queries and {question.Plan.Samples} public samples.", nameof(question));
        }
        int size = question.Queries[0].Length;
        if (question.Queries.Any(query => query.Length != size) || question.Integrity.Any(sample => sample.Input.Length != size)
            || question.Accuracy.Any(sample => sample.Input.Length != size))
        {
            throw new ArgumentException("Inputs of different sizes can be told apart.", nameof(question));
        }
        ArgumentOutOfRangeException.ThrowIfNegative(question.AccuracyBar, nameof(question));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(question.AccuracyBar, question.Accuracy.Count, nameof(question));
        ArgumentOutOfRangeException.ThrowIfLessThan(question.Providers, 1, nameof(question));
    }

    readonly record struct Run(int Provider, ReadOnlyMemory<byte>? Output);
}
