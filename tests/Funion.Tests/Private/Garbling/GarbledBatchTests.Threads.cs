using Funion.Private.Garbling;

namespace Funion.Tests.Private.Garbling;

/// <summary>Single use, whatever threads ask.</summary>
public sealed partial class GarbledBatchTests
{
    [Fact]
    public void Of_many_threads_one_asks_and_one_is_answered()
    {
        const int Threads = 4;
        for (int round = 0; round < 10; round++)
        {
            Party party = new(this, s_relu, 40, choicesFirst: false, depth: 4);
            byte[] message = new byte[party.Geometry.BatchSize];
            using GarblerBatch garbler = party.Garble(party.Words(2), message);
            using EvaluatorBatch evaluator = party.Evaluator();
            evaluator.Take(message);
            ulong[] words = party.Words(1);
            int asked = 0, answered = 0;
            using Barrier barrier = new(Threads);
            Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
            {
                byte[] request = new byte[party.Geometry.RequestSize], reply = new byte[party.Geometry.ReplySize];
                barrier.SignalAndWait(TimeSpan.FromSeconds(1));
                try
                {
                    evaluator.Request(words, request);
                    Interlocked.Increment(ref asked);
                }
                catch (InvalidOperationException)
                {
                    // Another thread was first.
                }
                if (garbler.Answer(new byte[party.Geometry.RequestSize], reply) == GarblingOutcome.Taken)
                {
                    Interlocked.Increment(ref answered);
                }
            });
            Assert.Equal((1, 1), (asked, answered));
        }
    }
}
