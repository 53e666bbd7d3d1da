using System.Security.Cryptography;

namespace Funion.Verification;

/// <summary>
/// Mix-and-check: every query B times, T public samples, and labelled ones, in a secret order, each asked for itself. When all have come back, and only
/// then: the copies of a query agree bit for bit, every certified sample is answered with its certified output, enough labelled ones are right; or one
/// abort that says nothing more. What a server learns of an abort is one bit, after its last answer.
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
    /// <param name="ask">Asks one input, with fresh randomness and in a session of its own; null: no answer came. Called once for each, in the secret order.</param>
    /// <param name="cancellation">Ends the round.</param>
    /// <exception cref="ArgumentException">The question does not fit its plan, or its inputs have different sizes.</exception>
    public static async Task<VerifiedAnswer> RunAsync(
        VerifiedQuestion question, Func<ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>?>> ask, CancellationToken cancellation)
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
        ReadOnlyMemory<byte>?[] outputs = new ReadOnlyMemory<byte>?[inputs.Length];
        Task<ReadOnlyMemory<byte>?>[] asked = [.. order.Select(at => ask(inputs[at], cancellation))];
        // One that fails must not end the round before the others: when it ends would say which it was.
        await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
        for (int i = 0; i < order.Length; i++)
        {
            outputs[order[i]] = asked[i].IsCompletedSuccessfully ? await asked[i] : null;
        }
        return Judge(question, outputs);
    }

    static VerifiedAnswer Judge(VerifiedQuestion question, ReadOnlyMemory<byte>?[] outputs)
    {
        int copies = question.Plan.Copies, samples = question.Queries.Count * copies, labelled = samples + question.Integrity.Count;
        bool sound = true;
        for (int i = 0; i < samples; i++)
        {
            sound &= Same(outputs[i], outputs[i / copies * copies]);
        }
        for (int i = 0; i < question.Integrity.Count; i++)
        {
            sound &= Same(outputs[samples + i], question.Integrity[i].Output);
        }
        int correct = 0;
        for (int i = 0; i < question.Accuracy.Count; i++)
        {
            correct += outputs[labelled + i] is { } output && question.LabelOf(output) == question.Accuracy[i].Label ? 1 : 0;
        }
        sound &= correct >= question.AccuracyBar;
        return new VerifiedAnswer(
            sound ? [.. Enumerable.Range(0, question.Queries.Count).Select(query => outputs[query * copies]!.Value)] : null, correct, question.Accuracy.Count);
    }

    static bool Same(ReadOnlyMemory<byte>? left, ReadOnlyMemory<byte>? right) => left is { } a && right is { } b && a.Span.SequenceEqual(b.Span);

    static void Check(VerifiedQuestion question)
    {
        if (question.Queries.Count != question.Plan.Queries || question.Integrity.Count != question.Plan.Samples)
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
    }
}
